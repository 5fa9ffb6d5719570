# shellcheck shell=sh
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
