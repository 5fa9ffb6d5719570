# shellcheck shell=sh
#
# Makes the release current that was so before, by the change of one link.

: "${directory:?}" "${id:?}" "${previous?}"

. ./release-functions.sh
. ./way-back.sh

enter
revert
