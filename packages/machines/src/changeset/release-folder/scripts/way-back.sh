# shellcheck shell=sh
# shellcheck disable=SC2154 # What sources this sets id and previous, and has the functions of release-functions.sh.
#
# Which release a host can go back to, as functions, which run in `directory`.

# Finds where the way back leads, or why there is none. Expects the release to go back to in previous; when that is empty, it
# is the one that the folder remembers.
find_back() {
  find_current
  back='' why=''
  if [ "$now" != "$id" ]; then
    if [ -z "$previous" ] || [ "$now" = "$previous" ]; then back=$now
    else why="$directory/current names \"$now\", which is neither $id nor $previous"; fi
    return
  fi
  # It was current already when it was introduced.
  if [ "$previous" = "$id" ]; then back=$id; return; fi
  if [ -z "$previous" ]; then find_previous; fi
  if [ -z "$previous" ] || [ "$previous" = "$id" ]; then why="no release was current in $directory before $id"
  elif [ ! -d "releases/$previous" ]; then why="$directory/releases/$previous is gone"
  else back=$previous; fi
}
inspect() {
  find_back
  say_current
  if [ -n "$why" ]; then echo "vesemir: unavailable $why"; fi
}
revert() {
  inspect
  if [ -n "$why" ]; then return; fi
  if [ "$back" != "$now" ]; then
    touch "releases/$back"
    point_current "$back"
  fi
  echo "vesemir: back $back"
}
