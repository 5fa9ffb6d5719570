# shellcheck shell=sh
#
# Makes sure that the host could take a release. To look must leave no trace, not even a folder.

: "${directory:?}" "${id?}" "${stamp?}"
: "${transfer:?}" "${format:?}" "${bytes:?}" "${unpacked_bytes:?}"

# shellcheck source-path=SCRIPTDIR/../../../host-needs
. ./need.sh
. ./release-functions.sh
. ./release-needs.sh

place=$directory
while [ ! -d "$place" ]; do
  place=${place%/*}
  place=${place:-/}
done
cd "$place"
if [ "$place" != "$directory" ] || ! has_release; then
  check_tools
  check_space 0
  if [ ! -w . ] || [ ! -x . ]; then fail "$(id -un) may not write to $place"; fi
fi
