/** For the shell's own braces: `${$}{pid%%-*}`. */
const $ = '$'

/**
 * What is done in a folder with releases, as functions of a POSIX sh with the GNU or BusyBox tools. They expect the
 * variables `directory`, `id`, `stamp` and `keep`, and run in `directory`.
 *
 * Whatever happens, `current` names a complete release: one becomes visible only by a rename, after its mark, which holds
 * the stamp, was written. Every attempt works in a folder of its own, named by its process, and removes those whose process
 * is gone; `releases/.partial-<sum>` is what one that broke off had received. `releases/.previous` names the release that was
 * current before, also to an attempt that comes after the change. What the shell can do itself starts no process: on a host
 * that is busy each takes a millisecond and more.
 */
export const releaseFunctions = String.raw`
set -eu
export LC_ALL=C
mark=.vesemir-complete

fail() { echo "$*" >&2; exit 1; }
first_line() { line=; if [ -r "$1" ]; then IFS= read -r line < "$1" || true; fi; }
has_release() { first_line "releases/$id/$mark"; [ "$line" = "$stamp" ]; }
# Folders without permission to write come out of archives too.
remove() { rm -rf "$1" 2> /dev/null || { chmod -R u+rwX "$1"; rm -rf "$1"; }; }
link() { ln -s "$1" "$work/link"; mv -fT "$work/link" "$2"; }
find_current() { now=$(readlink current || true); now=${$}{now%/}; now=${$}{now##*/}; }

# What was received of an archive outlives its attempt.
leave() {
  for partial in "$1"/.partial-*; do
    if [ -e "$partial" ]; then mv -f "$partial" releases/; fi
  done
  remove "$1"
}

enter() {
  [ -d "$directory/releases" ] || mkdir -p "$directory/releases"
  cd "$directory"
  if [ -e current ] && [ ! -L current ]; then fail "$directory/current is not a link: move it away once"; fi
  for dead in releases/.incoming-*; do
    pid=${$}{dead#releases/.incoming-}
    pid=${$}{pid%%-*}
    if [ -d "$dead" ] && ! kill -0 "$pid" 2> /dev/null && [ ! -d "/proc/$pid" ]; then leave "$dead"; fi
  done
  work=$(mktemp -d "releases/.incoming-$$-XXXXXX")
  trap 'leave "$work"' EXIT
  trap 'exit 1' HUP INT PIPE TERM
}

publish() {
  if [ ! -w "$work/release" ] || [ ! -x "$work/release" ]; then chmod u+rwx "$work/release"; fi
  if [ -e "$work/release/$mark" ] || [ -L "$work/release/$mark" ]; then rm -rf "$work/release/$mark"; fi
  echo "$stamp" > "$work/release/$mark"
  if [ -e "releases/$id" ] && ! has_release; then mv -T "releases/$id" "$work/replaced"; fi
  # When another attempt was faster, its release is as good.
  mv -T "$work/release" "releases/$id" || has_release
}

make_current() {
  # The order of releases is that in which they were last made current, not that of the archives' dates.
  touch "releases/$id"
  find_current
  if [ "$now" != "$id" ]; then
    if [ -n "$now" ] && [ -d "releases/$now" ]; then link "$now" releases/.previous; fi
    link "releases/$id" current
  fi
  previous=$(readlink releases/.previous || true)
  if [ -n "$previous" ] && [ "$previous" != "$id" ]; then echo "vesemir: previous $previous"; fi
}

prune() {
  kept=0
  ls -1t releases | while IFS= read -r release; do
    [ -e "releases/$release/$mark" ] || continue
    kept=$((kept + 1))
    if [ "$kept" -le "$keep" ] || [ "$release" = "$id" ] || [ "$release" = "$previous" ]; then continue; fi
    # Renamed first: what is half removed must not pass for a release.
    mv -T "releases/$release" "$work/$release" && remove "$work/$release" ||
      echo "releases/$release could not be removed" >&2
  done
}

# Expects the release to go back to in previous; when that is empty, it is the one that the folder remembers.
revert() {
  find_current
  if [ "$now" != "$id" ]; then
    if [ -z "$previous" ] || [ "$now" = "$previous" ]; then echo "vesemir: back $now"
    else echo "vesemir: unavailable $directory/current names \"$now\", which is neither $id nor $previous"; fi
    return
  fi
  if [ -z "$previous" ]; then previous=$(readlink releases/.previous || true); fi
  if [ -z "$previous" ] || [ "$previous" = "$id" ]; then
    echo "vesemir: unavailable no release was current in $directory before $id"
  elif [ ! -d "releases/$previous" ]; then
    echo "vesemir: unavailable $directory/releases/$previous is gone"
  else
    touch "releases/$previous"
    link "releases/$previous" current
    echo "vesemir: back $previous"
  fi
}
`
