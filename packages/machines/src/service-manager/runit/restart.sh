# shellcheck shell=sh
#
# Does what `sv restart` does (TERM, CONT, up), but does not wait as it does, looking two or three times a second (with `-w 0`
# too): the new process is there some milliseconds after the old one has ended. A service that runs, and is to run, needs TERM alone.

. ./status.sh

read_status
find_pid
before=$pid
commands='term cont up'
case $status in
  *', want down'* | *', paused'*) ;;
  run:*) commands=term ;;
esac
for command in $commands; do as_root sv "$command" "$VESEMIR_SERVICE"; done
looks=0
pause=0.02
until
  sleep "$pause"
  read_status
  find_pid
  [ -n "$pid" ] && [ "$pid" != "$before" ]
do
  looks=$((looks + 1))
  if [ "$looks" = 10 ]; then pause=0.1; fi
done
echo "$VESEMIR_SERVICE runs, pid $pid"
