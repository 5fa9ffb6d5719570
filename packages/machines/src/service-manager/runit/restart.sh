# shellcheck shell=sh
#
# Does what `sv restart` does (TERM, CONT, up), but does not wait as it does, looking two or three times a second (with `-w 0`
# too): the new process is there some milliseconds after the old one has ended. A service that runs, and is to run, needs TERM alone.

. ./status.sh

find_supervise
if [ -n "$supervise" ]; then
  first_line "$supervise/pid"
  before=$line
  # Opened for both, a pipe that no runsv reads does not hold this up: sv says then that there is none.
  printf t 1<> "$supervise/control"
else
  read_status
  find_pid
  before=$pid
  commands='term cont up'
  case $status in
    *', want down'* | *', paused'*) ;;
    run:*) commands=term ;;
  esac
  for command in $commands; do as_root sv "$command" "$VESEMIR_SERVICE"; done
fi
# Without a finish, another process is the new one: its number is noted once it was started. Else it may be finish, and sv knows. It is asked
# now and then as well, since there may be no runsv any more.
is_new() {
  if [ -n "$supervise" ] && [ $((looks % 10)) != 0 ]; then
    first_line "$supervise/pid"
    pid=$line
    if [ -z "$pid" ] || [ "$pid" = "$before" ]; then return 1; fi
    if [ ! -e "${supervise%/*}/finish" ]; then return; fi
  fi
  read_status
  find_pid
  [ -n "$pid" ] && [ "$pid" != "$before" ]
}
looks=0
pause=0.02
until
  sleep "$pause"
  looks=$((looks + 1))
  is_new
do
  if [ "$looks" = 10 ]; then pause=0.1; fi
done
echo "$VESEMIR_SERVICE runs, pid $pid"
