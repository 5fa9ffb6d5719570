# shellcheck shell=sh
#
# Prints a unit's state and the last lines of its journal.

. ./look.sh

look
echo "$state: $result, restarted by itself $restarts times"
# shellcheck disable=SC2086 # It may be empty.
as_root journalctl $VESEMIR_SCOPE -u "$unit" -n 20 --no-pager -q -o short-iso ||
  echo 'its journal cannot be read: the SSH user must be in the group systemd-journal'
