/** For the shell's own braces: `${$}{pid%%-*}`. */
const $ = '$'

const status = String.raw`
set -eu
service=$VESEMIR_SERVICE
sudo=$VESEMIR_SUDO
status() { status=$($sudo sv status "$service") || { echo "$status" >&2; exit 1; }; }
# run: NAME: (pid 123) 4s; run: log: (pid 120) 90s
find_pid() {
  pid=
  case $status in
    run:*'(pid '*) pid=${$}{status#*'(pid '} && pid=${$}{pid%%')'*} ;;
  esac
}
`

/**
 * Does what `sv restart` does (TERM, CONT, up), but does not wait as it does, looking two or three times a second (with
 * `-w 0` too): the new process is there some milliseconds after the old one has ended. One that runs, and is to run, needs TERM
 * alone.
 */
export const runitRestart = String.raw`${status}
status
find_pid
before=$pid
commands='term cont up'
case $status in
  *', want down'* | *', paused'*) ;;
  run:*) commands=term ;;
esac
for command in $commands; do $sudo sv "$command" "$service"; done
looks=0
pause=0.02
while status; find_pid; [ -z "$pid" ] || [ "$pid" = "$before" ]; do
  looks=$((looks + 1))
  if [ "$looks" = 10 ]; then pause=0.1; fi
  sleep "$pause"
done
echo "$service runs, pid $pid"
`

/** The folder of its log is the last argument of svlogd, seen from where that runs. */
export const runitLog = String.raw`${status}
status
echo "$status"
logger=$(echo "$status" | sed -n 's/.*run: log: (pid \([0-9]*\)).*/\1/p')
[ -n "$logger" ] || exit 0
log=$(tr '\0' '\n' < "/proc/$logger/cmdline" | tail -n 1)
for folder in "$service" "/etc/service/$service" "/service/$service" "/var/service/$service"; do
  case $log in /*) ;; *) if [ -d "$folder/log/$log" ]; then log=$folder/log/$log; fi ;; esac
done
$sudo tail -n 20 "$log/current"
`
