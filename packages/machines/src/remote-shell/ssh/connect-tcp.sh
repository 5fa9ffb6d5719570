# shellcheck shell=bash
#
# Connects standard input and output to a TCP port: $0 is its address, $1 its number. The first line of output is "open", or why
# there is no connection.
#
# bash(1), "Redirections": /dev/tcp/HOST/PORT is a connection, where bash was built so. One `cat` copies each way: the first ends
# with what the service sends, the second with what is sent to it, and then ends the first.

exec 2>&1
exec 3<> "/dev/tcp/$0/$1" || exit
echo open
exec 2> /dev/null
cat <&3 &
exec >&3
cat
kill $!
