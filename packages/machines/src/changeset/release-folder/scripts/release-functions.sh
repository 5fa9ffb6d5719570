# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154,SC2317 # What sources this sets directory, id, stamp and keep, and reads what is found here.
#
# What is done in a folder with releases, as functions of a POSIX sh with the GNU or BusyBox tools, which run in `directory`.
#
# Whatever happens, `current` names a complete release: one becomes visible only by a rename, after its mark, which holds the
# stamp, was written. Every attempt works in a folder and links named by its process, and removes those whose process is gone;
# `releases/.partial-<sum>` is what one that broke off had received. `releases/.previous` names the release that was current
# before, also to an attempt that comes after the change. What the shell can do itself starts no process: on a host that is busy
# each takes a millisecond and more.

set -eu
export LC_ALL=C
mark=.vesemir-complete

fail() { echo "$*" >&2; exit 1; }
first_line() { line=; if [ -r "$1" ]; then IFS= read -r line < "$1" || true; fi; }
has_release() { first_line "releases/$id/$mark"; [ "$line" = "$stamp" ]; }
# Folders without permission to write come out of archives too.
remove() {
  rm -rf "$1" 2> /dev/null || { chmod -R u+rwX "$1"; rm -rf "$1"; } || echo "$directory/$1 could not be removed" >&2
}
point_current() { ln -s "releases/$1" "$work-current"; mv -fT "$work-current" current; }
# By the shell itself where the release can be entered, and has not been moved elsewhere with a link in its place. A name without "./" could
# be sought along CDPATH.
find_current() {
  now=
  if [ ! -L current ]; then return; fi
  if cd -P ./current 2> /dev/null; then now=${PWD##*/} && cd "$OLDPWD"; fi
  if [ -z "$now" ] || [ ! -d "releases/$now" ]; then now=$(readlink current); fi
  now=${now%/}
  now=${now##*/}
}
# It was a link once.
find_previous() {
  if [ -L releases/.previous ]; then line=$(readlink releases/.previous); else first_line releases/.previous; fi
  previous=$line
}

# What was received of an archive outlives its attempt.
leave() {
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then return; fi
  for partial in "$1"/.partial-*; do
    if [ -e "$partial" ]; then mv -f "$partial" releases/; fi
  done
  remove "$1"
}

# One that had this process's number before it is gone.
is_other() { [ "$1" != $$ ] && { kill -0 "$1" 2> /dev/null || [ -d "/proc/$1" ]; }; }

enter() {
  [ -d "$directory/releases" ] || mkdir -p "$directory/releases"
  cd "$directory"
  if [ -e current ] && [ ! -L current ]; then fail "$directory/current is not a link: move it away once"; fi
  for dead in releases/.incoming-*; do
    pid=${dead#releases/.incoming-}
    pid=${pid%%-*}
    if ! is_other "$pid"; then leave "$dead"; fi
  done
  work=releases/.incoming-$$
  at_end() { leave "$work"; }
  trap 'exit 1' HUP INT PIPE TERM
}

# Ends the script when nobody listens any more: what was given up must not be changed later.
say_current() { echo "vesemir: current $now"; }

make_current() {
  find_current
  say_current
  previous=
  if [ "$now" != "$id" ]; then
    if [ -n "$now" ] && [ -d "releases/$now" ]; then remember "$now"; fi
    point_current "$id"
  fi
  if [ -z "$previous" ]; then find_previous; fi
  if [ -n "$previous" ] && [ "$previous" != "$id" ]; then echo "vesemir: previous $previous"; fi
}
# Written over in one piece and without a process where it is there: of what is left of a longer name, only the first line is read.
remember() {
  previous=$1
  if [ -f releases/.previous ] && [ ! -L releases/.previous ] && [ -w releases/.previous ]; then
    echo "$1" 1<> releases/.previous
    return
  fi
  echo "$1" > "$work-previous"
  mv -fT "$work-previous" releases/.previous
}
