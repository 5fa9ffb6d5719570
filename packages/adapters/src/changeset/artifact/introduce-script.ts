/**
 * Introduces a release on a host, for a POSIX sh with the GNU or BusyBox tools. It expects the variables `directory`, `id`,
 * `sha256`, `bytes` and `keep`, and on its standard input the artifact once it has printed "vesemir: send".
 *
 * Whatever happens, `current` names a complete release: one becomes visible only by a rename, after its mark was written.
 * Every attempt works in a folder of its own, named by its process, and removes those whose process is gone.
 * `releases/.previous` names the release that was current before, also to an attempt that comes after the change.
 */
export const introduceScript = String.raw`
set -eu
export LC_ALL=C
mark=.vesemir-complete

fail() { echo "$*" >&2; exit 1; }
has_release() { [ "$(cat "releases/$id/$mark" 2> /dev/null)" = "$sha256" ]; }
# Folders without permission to write come out of archives too.
remove() { rm -rf "$1" 2> /dev/null || { chmod -R u+rwX "$1"; rm -rf "$1"; }; }
link() { ln -s "$1" "$work/link"; mv -fT "$work/link" "$2"; }

receive() {
  cat > "$work/artifact"
  received=$(($(wc -c < "$work/artifact")))
  [ "$received" = "$bytes" ] || fail "the artifact did not arrive whole: $received of $bytes bytes"
  if command -v sha256sum > /dev/null; then
    sum=$(sha256sum < "$work/artifact" | cut -d' ' -f1)
    [ "$sum" = "$sha256" ] || fail "the artifact was damaged on its way: its SHA-256 is $sum, not $sha256"
  fi
}

unpack() {
  tar -tzf "$work/artifact" > "$work/names" || fail 'the artifact is not a whole tar.gz'
  outside=$(grep -m 1 -E '^/|(^|/)\.\.(/|$)' "$work/names" || true)
  [ -z "$outside" ] || fail "the artifact is refused: it would write outside of its folder, to $outside"
  mkdir "$work/release"
  errors=$(tar -xzof "$work/artifact" -C "$work/release" 2>&1) || {
    echo "$errors" >&2
    fail "the artifact could not be unpacked: $(echo "$errors" | head -n 1)"
  }
}

publish() {
  chmod u+rwx "$work/release"
  rm -rf "$work/release/$mark"
  echo "$sha256" > "$work/release/$mark"
  if [ -e "releases/$id" ] && ! has_release; then mv -T "releases/$id" "$work/replaced"; fi
  # When another attempt was faster, its release is as good.
  mv -T "$work/release" "releases/$id" || has_release
}

make_current() {
  before=$(basename "$(readlink current || true)")
  if [ "$before" != "$id" ]; then
    if [ -n "$before" ] && [ -d "releases/$before" ]; then link "$before" releases/.previous; fi
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

mkdir -p "$directory/releases"
cd "$directory"
if [ -e current ] && [ ! -L current ]; then fail "$directory/current is not a link: move it away once"; fi
for dead in releases/.incoming-*; do
  pid=$(echo "$dead" | cut -d- -f2)
  if [ -d "$dead" ] && ! kill -0 "$pid" 2> /dev/null && [ ! -d "/proc/$pid" ]; then remove "$dead"; fi
done
work=$(mktemp -d "releases/.incoming-$$-XXXXXX")
trap 'remove "$work"' EXIT
trap 'exit 1' HUP INT PIPE TERM

if ! has_release; then
  echo 'vesemir: send'
  receive
  unpack
  # Fails, and ends the script, when nobody listens any more: what was given up must not become current later.
  echo 'vesemir: unpacked'
  publish
fi
# The order of releases is that in which they were last made current, not that of the archives' dates.
touch "releases/$id"
make_current
prune
`
