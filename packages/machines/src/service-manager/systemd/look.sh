# shellcheck shell=sh
# shellcheck disable=SC2034 # What sources this reads what is found here.
#
# Reads what systemd knows of a unit, as functions. Properties by systemctl show are there since systemd 208; InvocationID would
# be since 232 only. All of them would be 200 lines, and the shell reads byte by byte.

set -eu
: "${VESEMIR_UNIT:?}" "${VESEMIR_SUDO?}" "${VESEMIR_SCOPE?}"
unit=$VESEMIR_UNIT
# PAM says to a session where its user's manager is; sshd without PAM does not.
export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-/run/user/$(id -u)}"

# Both are unquoted, for they may be empty.
# shellcheck disable=SC2086
as_root() { $VESEMIR_SUDO "$@"; }
# shellcheck disable=SC2086
ask() { systemctl $VESEMIR_SCOPE show "$unit" -p "$1"; }

look() {
  active='' sub='' job='' pid='' entered='' result='' restarts='' type=''
  while IFS='=' read -r name value; do
    case $name in
      ActiveState) active=$value ;;
      SubState) sub=$value ;;
      Job) job=$value ;;
      MainPID) pid=$value ;;
      ActiveEnterTimestampMonotonic) entered=$value ;;
      Result) result=$value ;;
      NRestarts) restarts=$value ;;
      Type) type=$value ;;
    esac
  done << END
$(ask ActiveState,SubState,Job,MainPID,ActiveEnterTimestampMonotonic,Result,NRestarts,Type)
END
  state="$unit is $active ($sub)"
}
