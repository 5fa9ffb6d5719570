# shellcheck shell=sh
#
# Makes a release current that was staged. Where that is not there any more, it prints "vesemir: absent" and changes nothing.

: "${directory:?}" "${id:?}" "${stamp:?}"

. ./release-functions.sh

enter
if has_release; then make_current; else echo 'vesemir: absent'; fi
