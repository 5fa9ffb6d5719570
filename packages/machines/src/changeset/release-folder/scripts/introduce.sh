# shellcheck shell=sh
# shellcheck disable=SC3013 # -nt is in POSIX.1-2024, and was in all shells before.
#
# Introduces a release on a host. Once it has printed "vesemir: variables" it takes what written-files.sh says. Once it has printed
# "vesemir: send" with the number of bytes that it has of the archive, it takes on its standard input the rest of it, or, when it is to
# pull, the URL in a line and the headers in further ones: so that nothing of them is ever an argument, which all users could see. When it
# has named a release to copy from, it takes what copy-unchanged.sh says.
#
# Functions that not every release needs come before this, where it needs them: those of shared-paths.sh, templates.sh, written-files.sh,
# copy-unchanged.sh and pull.sh. A host takes longer to read a script than most of its functions to run.

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

# For what has a code of its own. The others fail.
lacks() { echo "vesemir: refused $*"; exit 1; }
find_size() { size=0; if [ -e "$1" ]; then size=$(($(wc -c < "$1"))); fi; }

# What arrives is nobody else's.
make_work() { [ -d "$work" ] || mkdir -m 700 "$work"; }

publish() {
  if [ ! -w "$work/release" ] || [ ! -x "$work/release" ]; then chmod u+rwx "$work/release"; fi
  if [ -e "$work/release/$mark" ] || [ -L "$work/release/$mark" ]; then rm -rf "$work/release/$mark"; fi
  echo "$stamp" > "$work/release/$mark"
  if [ -e "releases/$id" ] && ! has_release; then mv -T "releases/$id" "$work/replaced"; fi
  # When another attempt was faster, its release is as good.
  mv -T "$work/release" "releases/$id" || has_release
}

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
  if [ "$set_id_folders" != no ] || [ -e "$work/delta" ] || [ -g "$work" ]; then clear_set_ids; fi
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

# Keeps the newest, and what is current or leads back.
prune() {
  set -- releases/*/"$mark"
  if [ $# -le "$keep" ]; then return; fi
  for release; do
    release=${release%/*}
    release=${release##*/}
    case $release in "$id" | "$now" | "$previous") continue ;; esac
    if ! has_newer "$@"; then continue; fi
    # It goes with the rest of this attempt: what is half removed must not pass for a release.
    make_work
    mv -T "releases/$release" "$work/$release" || echo "$directory/releases/$release could not be removed" >&2
  done
}
# Whether as many releases as are kept are newer; of those of one time, the first by name are. What was moved away was older than all.
has_newer() {
  newer=0
  is_before=yes
  for other; do
    other=${other%/*}
    if [ "$other" = "releases/$release" ]; then is_before=
    elif [ ! -e "$other" ]; then continue
    elif [ "$other" -nt "releases/$release" ]; then newer=$((newer + 1))
    elif [ "$is_before" ] && [ ! "releases/$release" -nt "$other" ]; then newer=$((newer + 1))
    fi
    if [ "$newer" -ge "$keep" ]; then return; fi
  done
  return 1
}

enter
if [ -n "$shared" ]; then provide_shared; fi
if has_release; then
  # The order of releases is that in which they were last made current.
  touch "releases/$id"
else
  make_work
  # It gets the mode that the host gives to folders.
  mkdir "$work/release"
  if [ -n "$environment_file$templates" ]; then receive_variables; fi
  take_up
  check_tools
  if [ -n "$templates" ]; then find_renderer; fi
  check_space "$have"
  base=
  if [ "$copies" = yes ] && [ "$have" = 0 ]; then offer_base; fi
  echo "vesemir: send $have"
  if [ "$have" -lt "$bytes" ]; then receive; fi
  if [ -e "$work/delta" ]; then
    put_together
  else
    check_whole
    unpack
  fi
  finish_release
  if [ -n "$shared" ]; then link_shared; fi
  if [ -n "$environment_file$templates" ]; then make_room; fi
  if [ "$copies" = yes ]; then note_files "$work/release"; fi
  if [ -n "$environment_file$templates" ]; then write_files; fi
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
