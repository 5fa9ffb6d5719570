# shellcheck shell=sh
# shellcheck disable=SC2034 # What sources this reads what is found here.
#
# Reads what systemd knows of a unit, as functions. Properties by systemctl show are there since systemd 208; InvocationID would
# be since 232 only. All of them would be 200 lines, and the shell reads byte by byte.

set -eu
: "${VESEMIR_UNIT:?}" "${VESEMIR_SUDO?}"
unit=$VESEMIR_UNIT

# Unquoted, for it is empty or a command with an option.
# shellcheck disable=SC2086
as_root() { $VESEMIR_SUDO "$@"; }

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
$(systemctl show "$unit" -p ActiveState,SubState,Job,MainPID,ActiveEnterTimestampMonotonic,Result,NRestarts,Type)
END
  state="$unit is $active ($sub)"
}
