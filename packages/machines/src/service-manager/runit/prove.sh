# shellcheck shell=sh
#
# Makes sure that sv is there, or that sudo allows what a restart does first. The service itself may come with the release.

# shellcheck source-path=SCRIPTDIR/../../host-needs
. ./need.sh
: "${VESEMIR_SERVICE:?}" "${VESEMIR_SUDO?}"

if [ -n "$VESEMIR_SUDO" ]; then need_sudo sv term "$VESEMIR_SERVICE"; else need sv; fi
