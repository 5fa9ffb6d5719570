# shellcheck shell=sh
#
# Looks for what a host needs, as functions, and changes nothing. What is missing is one line, "lacks CODE WHY", after which the
# script ends.

set -eu
# The reasons are read here, and quoted.
export LC_ALL=C

lacks() { echo "lacks $*"; exit 0; }
need() {
  for program; do
    command -v "$program" > /dev/null || lacks HOST_TOOL_MISSING "there is no $program"
  done
}

# Asks whether sudo lets a command run without a password. A program that is not there yet may come with the release.
need_sudo() {
  why=$(sudo -n -l "$@" 2>&1 > /dev/null) && return
  case $why in
    *'command not found'*) ;;
    *) lacks SUDO_REFUSED "sudo does not allow \"$*\": ${why:-sudoers has no rule for it}" ;;
  esac
}
