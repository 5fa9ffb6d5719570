import { releaseFunctions } from '../release-folder/release-functions.ts'

/**
 * Introduces a release on a host. It expects the variables `directory`, `id`, `stamp`, `sha256`, `bytes` and `keep`, and on
 * its standard input the artifact once it has printed "vesemir: send".
 */
export const introduceScript = String.raw`${releaseFunctions}
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

enter
if ! has_release; then
  echo 'vesemir: send'
  receive
  unpack
  # Fails, and ends the script, when nobody listens any more: what was given up must not become current later.
  echo 'vesemir: unpacked'
  publish
fi
make_current
prune
`
