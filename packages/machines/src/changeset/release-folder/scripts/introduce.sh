# shellcheck shell=sh
#
# Introduces a release on a host. Once it has printed "vesemir: variables" it takes what written-files.sh says. Once it has printed
# "vesemir: send" with the number of bytes that it has of the archive, it takes on its standard input the rest of it, or, when it is to
# pull, the URL in a line and the headers in further ones: so that nothing of them is ever an argument, which all users could see. When it
# has named a release to copy from, it takes what copy-unchanged.sh says.

# How far it is to come: staged or current.
: "${until:?}"
: "${directory:?}" "${id:?}" "${stamp:?}" "${keep:?}"
# Paths, one a line, that are links to shared/ in the release.
: "${shared?}"
# push or pull; whether files may be copied from the current release: yes or empty; and the archive.
: "${transfer:?}" "${copies?}" "${format:?}" "${sha256:?}" "${bytes:?}" "${unpacked_bytes:?}"
# Whether a folder of the archive hands on its user or group: no, or anything else where that is not known.
: "${set_id_folders:?}"
# The folder at its top that is left out, or the name of a file that is not unpacked.
: "${folder?}" "${file_name?}"
# The path of the file with the application's variables, or empty.
: "${environment_file?}"
# For each file that is made of a template two lines, their paths; or empty.
: "${templates?}"

. ./release-functions.sh
. ./release-needs.sh
. ./shared-paths.sh
. ./templates.sh
. ./written-files.sh
. ./copy-unchanged.sh

# For what has a code of its own. The others fail.
lacks() { echo "vesemir: refused $*"; exit 1; }
find_size() { size=0; if [ -e "$1" ]; then size=$(($(wc -c < "$1"))); fi; }

# What an attempt had received before it broke off is gone on with, when the whole can be checked.
take_up() {
  part="$work/.partial-$sha256"
  if [ -e "releases/.partial-$sha256" ] && command -v sha256sum > /dev/null; then
    mv "releases/.partial-$sha256" "$part" 2> /dev/null || true
  fi
  find_size "$part"
  have=$size
  if [ "$have" -gt "$bytes" ]; then rm "$part"; have=0; fi
}

receive() {
  if [ "$transfer" = pull ]; then pull
  elif [ -n "$base" ]; then receive_parts
  else cat >> "$part"
  fi
}

# Goes on where it broke off for as long as something comes; a server that cannot do that is asked for all once more, and one that
# fails for the moment four times more.
pull() {
  request=$(cat)
  [ -n "$request" ] || fail 'nobody said where to fetch the artifact from'
  pause=1
  while [ "$have" -lt "$bytes" ]; do
    # A byte too many is enough to see that it is another artifact.
    fetch 2> "$work/why" | head -c $((bytes - have + 1)) >> "$part"
    before=$have
    find_size "$part"
    have=$size
    if [ "$have" -gt "$before" ]; then pause=1; continue; fi
    if may_pass && [ "$pause" -le 8 ]; then
      find_asked
      if [ "$asked" -gt "$pause" ]; then sleep "$asked"; else sleep "$pause"; fi
      pause=$((pause * 2))
      continue
    fi
    if [ "$have" = 0 ]; then return; fi
    rm "$part"
    have=0
  done
}
# The server is overloaded, is not reached or broke off.
may_pass() {
  grep -Eq 'error: (408|429|5[0-9][0-9])|^curl: \((5|6|7|18|28|35|52|55|56)\)|^wget: \(4\)' "$work/why"
}
# The pause that the server asks for by seconds, a minute at most.
find_asked() {
  asked=$(sed -n 's/^ *[Rr]etry-[Aa]fter: *\([0-9]\{1,6\}\)[^0-9]*$/\1/p' "$work/answer" 2> /dev/null | tail -n 1)
  asked=${asked:-0}
  if [ "$asked" -gt 60 ]; then asked=60; fi
}

fetch() {
  if command -v curl > /dev/null; then
    sed -e 's/[\\"]/\\&/g' -e '1s/.*/url = "&"/' -e '2,$s/.*/header = "&"/' << END |
$request
END
      curl -q -sS -f --proto =http,https --connect-timeout 20 --speed-limit 1 --speed-time 30 --continue-at "$have" \
        -D "$work/answer" -K -
  else
    # A file that nobody else can read: wget takes headers from arguments or a file, and this is in a folder of mode 700.
    sed -n '2,$s/^/header = /p' << END > "$work/wgetrc"
$request
END
    # Its words are not passed on, for they have the whole URL in them: only the status that the server answered with.
    sed 1q << END |
$request
END
      WGETRC="$work/wgetrc" wget -q -S --tries=1 --timeout=30 --max-redirect=0 --start-pos="$have" -O - -i - 2> "$work/answer" ||
      echo "wget: ($?) $(sed -n 's/^ *HTTP[^ ]* \([0-9]*\).*/the server answered with an error: \1/p' "$work/answer" | tail -n 1)" >&2
  fi
}

# What has the right sum has the right size.
check_whole() {
  sum=
  # OpenSSL takes longer to start, and a sixth of the time for each byte.
  if [ "$bytes" -gt 16777216 ]; then sum=$(openssl dgst -sha256 -r < "$part" 2> /dev/null) || sum=; fi
  if [ -z "$sum" ] && command -v sha256sum > /dev/null; then sum=$(sha256sum < "$part"); fi
  sum=${sum%% *}
  if [ "$sum" = "$sha256" ]; then return; fi
  find_size "$part"
  if [ "$size" = "$bytes" ] && [ -z "$sum" ]; then return; fi
  if [ "$size" -ge "$bytes" ]; then rm "$part"; fi
  if [ "$size" = "$bytes" ]; then
    fail "the artifact was damaged on its way: its SHA-256 is $sum, not $sha256"
  fi
  why=$(tail -n 1 "$work/why" 2> /dev/null || true)
  if [ -n "$why" ]; then why=", and then $why"; fi
  what="the artifact did not arrive whole: $size of $bytes bytes$why"
  if [ "$transfer" = push ] || [ "$size" -gt "$bytes" ]; then fail "$what"; fi
  if may_pass; then lacks ARTIFACT_SERVER_FAILED "$what"; fi
  lacks ARTIFACT_UNAVAILABLE "$what"
}

# Names and modes were checked when the archive was pinned; and each of these tools keeps to the folder by itself.
unpack() {
  case $format in
    tar) errors=$(tar -xof "$part" -C "$work/release" 2>&1) ;;
    tar.gz) errors=$(tar -xzof "$part" -C "$work/release" 2>&1) ;;
    tar.zst) errors=$({ zstd -dcq "$part" | tar -xof - -C "$work/release"; } 2>&1) ;;
    tar.xz) errors=$({ xz -dcq "$part" | tar -xof - -C "$work/release"; } 2>&1) ;;
    tar.bz2) errors=$({ bzip2 -dcq "$part" | tar -xof - -C "$work/release"; } 2>&1) ;;
    # A program is to be run; to others it makes no difference.
    file) errors=$(mv "$part" "$work/release/$file_name" && chmod +x "$work/release/$file_name" 2>&1) ;;
    zip) errors=$(unzip -qoP '' "$part" -d "$work/release" 2>&1 < /dev/null) ;;
  esac || {
    echo "$errors" >&2
    fail "the artifact could not be unpacked: $(echo "$errors" | head -n 1)"
  }
}

finish_release() {
  # Folders may hand on the group of where they were packed, or of where they are unpacked; files that do so were refused.
  if [ "$set_id_folders" != no ] || [ -e "$work/delta" ] || [ -u "$work/release" ] || [ -g "$work/release" ]; then clear_set_ids; fi
  if [ -n "$folder" ]; then strip_folder; fi
  # What arrived is of no more use.
  at_end() { remove "$work"; }
}
clear_set_ids() {
  find "$work/release" \( -type d -o -type f \) \( -perm -4000 -o -perm -2000 \) -exec chmod ug-s {} +
}

# That it is the only one was found out when the archive was pinned.
strip_folder() {
  [ ! -L "$work/release/$folder" ] || fail "the artifact is refused: $folder is a link"
  chmod u+rwx "$work/release/$folder"
  mv -T "$work/release/$folder" "$work/stripped"
  rmdir "$work/release"
  mv -T "$work/stripped" "$work/release"
}

enter
provide_shared
if has_release; then
  # The order of releases is that in which they were last made current.
  touch "releases/$id"
else
  make_work
  # It gets the mode that the host gives to folders.
  mkdir "$work/release"
  receive_variables
  take_up
  check_tools
  if [ -n "$templates" ]; then find_renderer; fi
  check_space "$have"
  offer_base
  echo "vesemir: send $have"
  if [ "$have" -lt "$bytes" ]; then receive; fi
  if [ -e "$work/delta" ]; then
    put_together
  else
    check_whole
    unpack
  fi
  finish_release
  link_shared
  make_room
  note_files "$work/release"
  write_files
  # Fails, and ends the script, when nobody listens any more: what was given up must not become current later.
  echo 'vesemir: unpacked'
  publish
fi
if [ "$until" = staged ]; then
  find_current
  say_current
  find_previous
else
  make_current
fi
prune
set -- releases/.partial-*
if [ -e "$1" ]; then rm -f "$@"; fi
