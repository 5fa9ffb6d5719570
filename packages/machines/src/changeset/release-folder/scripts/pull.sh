# shellcheck shell=sh
# shellcheck disable=SC2154 # What this is a part of sets work, part, have and bytes, and has `fail` and `find_size`.
#
# Has the host fetch an archive by itself.

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
