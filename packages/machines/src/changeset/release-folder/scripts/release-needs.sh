# shellcheck shell=sh
# shellcheck disable=SC2154 # What sources this sets directory, transfer, format, bytes and unpacked_bytes.
#
# What a host needs for a release, as functions, which run in `directory` or above. What is missing goes to `lacks`, with a code.

need_tools() {
  for tool; do
    command -v "$tool" > /dev/null || lacks HOST_TOOL_MISSING "there is no $tool, which is needed for a $format"
  done
}

check_tools() {
  need_tools find
  case $format in
    tar) need_tools tar ;;
    tar.gz) need_tools tar gzip ;;
    tar.zst) need_tools tar zstd ;;
    tar.xz) need_tools tar xz ;;
    tar.bz2) need_tools tar bzip2 ;;
    # BusyBox's unzip, which has no zipinfo beside it, does not know what is asked of it.
    zip) need_tools unzip zipinfo ;;
  esac
  if [ "$transfer" = push ]; then return; fi
  need_tools sha256sum
  command -v curl > /dev/null || is_gnu_wget || lacks HOST_TOOL_MISSING 'there is neither curl nor GNU wget to fetch with'
}
is_gnu_wget() { wget --version 2> /dev/null | grep -q '^GNU Wget'; }

# Expects how many bytes of the archive are there.
check_space() {
  free='' before=''
  # Devices may have spaces in their names: what is free comes before the first percentage.
  for word in $(df -Pk .); do
    case $word in
      [0-9]*%) free=$before; break ;;
    esac
    before=$word
  done
  needed=$(((bytes - $1 + unpacked_bytes) / 1024 + 1))
  if [ -n "$free" ] && [ "$free" -lt "$needed" ]; then
    lacks DISK_SPACE_LOW "$directory has $free KiB left, and the release needs $needed KiB"
  fi
}
