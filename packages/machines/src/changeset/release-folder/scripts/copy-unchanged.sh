# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # What this is a part of sets directory, work, part and folder, and has `fail` and `find_size`.
#
# Copies the files that stay as they are from the current release, so that only the others are sent.
#
# A complete release has a list of its files, each with the time and number of its inode. Whatever changes a file's contents, name,
# owner or permissions changes that time, and nobody can set it (inode(7), st_ctime): a file with the same line as then is what was
# unpacked from the checked archive. Times are compared for being the same, so no step of the clock hides a change. Options of
# GNU's programs are needed; where a host lacks one, all is sent.

files=.vesemir-files

list_files() {
  (cd "$1" && find . -type f ! -path "./$mark" ! -path "./$files" -readable -printf '%C@ %i %s %P\0') | sort -z
}
# What is left of a list without the first fields of each line.
cut_fields() { sed -z "s/^\([^ ]* \)\{$1\}//" "$work/unchanged"; }
list_unchanged() { list_files "releases/$now" | comm -z -12 - "releases/$now/$files"; }

# Notes which files a release has, right before its mark.
note_files() {
  rm -rf "${1:?}/$files"
  if list_files "$1" > "$work/files" 2> /dev/null; then mv "$work/files" "$1/$files"; else rm -f "$work/files"; fi
}

# Says which release there is to copy from: its stamp, and the sum of the sizes and paths of its unchanged files.
offer_base() {
  find_current
  if [ -z "$now" ] || [ ! -f "releases/$now/$files" ]; then return; fi
  for tool in comm cmp cp sed sort xargs; do command -v "$tool" > /dev/null || return 0; done
  first_line "releases/$now/$mark"
  {
    list_unchanged > "$work/unchanged" &&
      cp -a --no-preserve=links --parents --reflink=auto -t "$work" "releases/$now/$mark" &&
      sum=$(cut_fields 2 | sort -z | sha256sum) &&
      find_hasher
  } 2> /dev/null || return 0
  base=$now
  echo "vesemir: base $line ${sum%% *}"
}

# The sum of each file, in the order of their paths, and then the paths.
list_sums() {
  (cd "$1" && find . -type f -printf './%P\0' | sort -z) > "$work/paths"
  (cd "$1" && "$hasher") < "$work/paths"
  cat "$work/paths"
}
# OpenSSL takes a sixth of the time where the processor has instructions for it. It gives bytes, for it writes names as GNU's program does not.
find_hasher() {
  echo > "$work/a-line"
  for hasher in by_openssl by_sha256sum; do
    if [ "$(printf '%s/a-line\0' "$work" | "$hasher")" = "$sum_of_a_line" ]; then return; fi
  done
  return 1
}
sum_of_a_line=01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b
by_openssl() { xargs -0r openssl dgst -sha256 -binary | od -An -v -tx1 -w32 | tr -d ' '; }
by_sha256sum() { xargs -0r sha256sum -z -- | cut -zc -64 | tr '\0' '\n'; }

# Takes all of the archive, or, after a line with its sum and that of the whole release, what the new release has that its base lacks.
receive_parts() {
  read -r what sum_sent sum_of_all
  if [ "$what" = delta ]; then cat > "$work/delta"; else cat >> "$part"; fi
}

# Makes the release from its base and the delta, which has a list of the base's files that are not copied: what is left of them, as their
# folders, would be in the way of what the release has there, or in no archive. A file system that can has copies share their blocks; a
# hard link would be changed with the release before. Links between files come with the delta: what it has apart may have been one file in the base.
put_together() {
  sum=$(sha256sum < "$work/delta")
  if [ "${sum%% *}" != "$sum_sent" ]; then
    fail "the artifact was damaged on its way: the SHA-256 of its new files is ${sum%% *}, not $sum_sent"
  fi
  root=$PWD/$work/release${folder:+/$folder}
  mkdir -p "$root"
  tar -xzOf "$work/delta" .vesemir-others | sort -z > "$work/others"
  cut_fields 3 | sort -z | comm -z -23 - "$work/others" |
    (cd "releases/$base" && xargs -0r cp -a --no-preserve=links --parents --reflink=auto -t "$root" --) ||
    forget_base "the files of $base could not be copied"
  list_unchanged | cmp -s - "$work/unchanged" || fail "$directory/releases/$base was changed while it was copied"
  tar -xzof "$work/delta" -C "$work/release" --exclude=.vesemir-others ||
    forget_base "what the artifact has besides the files of $base could not be unpacked"
  sum=$(list_sums "$root" | sha256sum)
  if [ "${sum%% *}" != "$sum_of_all" ]; then
    forget_base "copied from $base, the release is not what the artifact holds"
  fi
  find_size "$work/delta"
  echo "vesemir: copied $size $base"
}
# What failed would fail each time: the next attempt gets all.
forget_base() {
  rm -f "releases/$base/$files"
  fail "$1: nothing is copied from $base any more"
}
