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

# Asks whether sudo lets a command run without a password: it refuses in these words, or in none. Others are no refusal: a program
# that is not there yet may come with the release, and not every sudo can list.
need_sudo() {
  need sudo
  why=$(sudo -n -l "$@" 2>&1 > /dev/null) && return
  case $why in
    '' | *'is required'* | *'have a tty'* | *'may not run sudo'* | *'not in the sudoers'* | *'unknown user'*)
      lacks SUDO_REFUSED "sudo does not allow \"$*\": ${why:-sudoers has no rule for it}"
      ;;
  esac
}
