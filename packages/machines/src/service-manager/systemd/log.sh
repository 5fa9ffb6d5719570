# shellcheck shell=sh
#
# Prints a unit's state and the last lines of its journal.

. ./look.sh

look
echo "$state: $result, restarted by itself $restarts times"
as_root journalctl -u "$unit" -n 20 --no-pager -q -o short-iso ||
  echo 'its journal cannot be read: the SSH user must be in the group systemd-journal'
