# shellcheck shell=sh
# shellcheck disable=SC2154 # What this is a part of sets directory, work and shared, and has `fail`.
#
# What each release shares with the others: the paths in `shared`, one a line, a folder with a slash at its end.

# Makes folders, and looks for files.
provide_shared() {
  while IFS= read -r path; do
    case $path in
      '') ;;
      */) [ -d "shared/$path" ] || mkdir -p "shared/$path" ;;
      *)
        [ -e "shared/$path" ] ||
          fail "$directory/shared/$path is not there, and each release is to be linked to it: put it there once"
        ;;
    esac
  done << END
$shared
END
}

# Puts links into the release in the making. They are relative, so that `directory` can be moved.
link_shared() {
  while IFS= read -r path; do
    [ -n "$path" ] || continue
    path=${path%/}
    above=
    parent=${path%/*}
    if [ "$parent" != "$path" ]; then enter_folders "$parent" 'a shared path'; fi
    put_link "$path" "$above../../shared/$path"
  done << END
$shared
END
}

# Goes into the folders above a path one by one: a link of the archive's own could lead anywhere. Expects the folder, and what is below it;
# sets `above` to the way back up.
enter_folders() {
  rest=$1/
  entered=
  above=
  while [ -n "$rest" ]; do
    entered=$entered${rest%%/*}
    rest=${rest#*/}
    above=../$above
    [ ! -L "$work/release/$entered" ] ||
      fail "the artifact is refused: it has a link at $entered, and $2 is below it"
    [ -d "$work/release/$entered" ] || mkdir -p "$work/release/$entered"
    entered=$entered/
  done
}

put_link() {
  if [ -e "$work/release/$1" ] || [ -L "$work/release/$1" ]; then rm -rf "$work/release/$1"; fi
  ln -s "$2" "$work/release/$1"
}
