# shellcheck shell=sh
# shellcheck disable=SC2034 # What sources this reads what is found here.
#
# Reads what runit knows of a service, as functions. What sources this reads the variables that they set.

set -eu
: "${VESEMIR_SERVICE:?}" "${VESEMIR_SUDO?}"

# Unquoted, for it is empty or a command with an option.
# shellcheck disable=SC2086
as_root() { $VESEMIR_SUDO "$@"; }

# Without the function, which would cost a process each time. Unquoted as there.
# shellcheck disable=SC2086
read_status() { status=$($VESEMIR_SUDO sv status "$VESEMIR_SERVICE") || { echo "$status" >&2; exit 1; }; }

# run: NAME: (pid 123) 4s; run: log: (pid 120) 90s
find_pid() {
  pid=
  case $status in
    run:*'(pid '*) pid=${status#*'(pid '} && pid=${pid%%')'*} ;;
  esac
}

# runsv keeps the service's process and state in files too, as runsv(8) has it, and takes commands from a pipe. Where the user may use them
# and the service runs as it is to, they are in `supervise`. They change one after the other.
find_supervise() {
  supervise=
  case $VESEMIR_SERVICE in
    /*) set -- "$VESEMIR_SERVICE" ;;
    .* | */) return ;;
    *) set -- "${SVDIR:-/etc/service}/$VESEMIR_SERVICE" ;;
  esac
  if [ -n "$VESEMIR_SUDO" ] || [ ! -p "$1/supervise/control" ] || [ ! -w "$1/supervise/control" ]; then return; fi
  first_line "$1/supervise/stat"
  if [ "$line" = run ]; then supervise=$1/supervise; fi
}
first_line() { line=; if [ -r "$1" ]; then IFS= read -r line < "$1" || :; fi; }
