# shellcheck shell=sh
#
# Restarts a unit by the plain `systemctl restart UNIT`, which rules of sudo can name, and which waits for the job. After it the
# unit can still be on its way, or have failed; it runs when it has become active since. One of `Type=oneshot` without
# `RemainAfterExit` never is: it is inactive again when its commands have ended well, which systemctl has waited for.

. ./look.sh

look
before=$entered
# shellcheck disable=SC2086 # It may be empty.
as_root systemctl $VESEMIR_SCOPE restart "$unit"
while look; [ "$active" != active ] || [ "$entered" = "$before" ]; do
  case $type:$active:$job:$result in
    oneshot:inactive::success) echo "$unit ran to its end"; exit ;;
    *:failed::* | *:inactive::*) echo "$state: $result" >&2; exit 1 ;;
  esac
  sleep 0.1
done
echo "$state, pid $pid"
