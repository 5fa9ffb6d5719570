# shellcheck shell=sh
#
# Says which release is current, and whether the way back is open. To look must leave no trace, not even a folder.

: "${directory:?}" "${id:?}" "${previous?}"

. ./release-functions.sh
. ./way-back.sh

[ ! -d "$directory" ] || { cd "$directory"; inspect; }
