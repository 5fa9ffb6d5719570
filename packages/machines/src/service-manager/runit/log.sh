# shellcheck shell=sh
#
# Prints a service's state and the last lines of its log. The log's folder is the last argument of svlogd, seen from where that runs.

. ./status.sh

read_status
echo "$status"
logger=$(echo "$status" | sed -n 's/.*run: log: (pid \([0-9]*\)).*/\1/p')
[ -n "$logger" ] || exit 0
log=$(tr '\0' '\n' < "/proc/$logger/cmdline" | tail -n 1)
service=$VESEMIR_SERVICE
for folder in "$service" "/etc/service/$service" "/service/$service" "/var/service/$service"; do
  case $log in /*) ;; *) if [ -d "$folder/log/$log" ]; then log=$folder/log/$log; fi ;; esac
done
as_root tail -n 20 "$log/current"
