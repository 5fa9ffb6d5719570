# shellcheck shell=sh
#
# Makes sure that systemd answers, and that sudo allows the restart. The unit itself may come with the release.

# shellcheck source-path=SCRIPTDIR/../../host-needs
. ./need.sh
. ./look.sh

need systemctl
why=$(ask LoadState 2>&1 > /dev/null) || lacks SERVICE_FAILED "systemd does not answer: $why"
if [ -n "$VESEMIR_SUDO" ]; then need_sudo systemctl restart "$unit"; fi
