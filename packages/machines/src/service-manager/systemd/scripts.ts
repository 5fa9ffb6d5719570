// Properties by systemctl show are there since systemd 208; InvocationID would be since 232 only. All of them would be 200 lines,
// and the shell reads byte by byte.
const look = String.raw`
set -eu
unit=$VESEMIR_UNIT
sudo=$VESEMIR_SUDO
look() {
  active= sub= job= pid= entered= result= restarts= type=
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
`

/**
 * Restarts by the plain `systemctl restart UNIT`, which rules of sudo can name, and which waits for the job. After it the unit
 * can still be on its way, or have fallen over; it runs when it has become active since. One of `Type=oneshot` without
 * `RemainAfterExit` never is: it is inactive again when its commands have ended well, which systemctl has waited for.
 */
export const systemdRestart = String.raw`${look}
look
before=$entered
$sudo systemctl restart "$unit"
while look; [ "$active" != active ] || [ "$entered" = "$before" ]; do
  case $type:$active:$job:$result in
    oneshot:inactive::success) echo "$unit ran to its end"; exit ;;
    *:failed::* | *:inactive::*) echo "$state: $result" >&2; exit 1 ;;
  esac
  sleep 0.1
done
echo "$state, pid $pid"
`

export const systemdLog = String.raw`${look}
look
echo "$state: $result, restarted by itself $restarts times"
$sudo journalctl -u "$unit" -n 20 --no-pager -q -o short-iso ||
  echo 'its journal cannot be read: the SSH user must be in the group systemd-journal'
`
