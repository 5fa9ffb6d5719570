# shellcheck shell=sh
# shellcheck disable=SC2154 # What this is a part of sets directory, work, environment_file and templates, and has `fail` and `enter_folders`.
#
# What is written into a release besides its archive: the file with the application's variables, for its owner alone, and files made of
# templates. The values come on standard input after "vesemir: variables", for each of both a line with the number of bytes first; none is
# ever an argument. They are in the folder of
# this attempt until then, which nobody else may enter.

receive_variables() {
  # Ends the script when nobody listens any more.
  echo 'vesemir: variables'
  if [ -n "$environment_file" ]; then receive_values "$work/variables"; fi
  if [ -n "$templates" ]; then receive_values "$work/values"; fi
}
receive_values() {
  read -r sent_bytes
  head -c "$sent_bytes" > "$1"
  [ "$(($(wc -c < "$1")))" = "$sent_bytes" ] || fail 'the variables did not arrive whole'
}

# What the archive has in the place of a file goes, so that it is not noted as a file of the archive.
make_room() {
  if [ -n "$environment_file" ]; then clear_path "$environment_file" 'the environment file'; fi
  if [ -z "$templates" ]; then return; fi
  while IFS= read -r from && IFS= read -r to; do
    clear_path "$to" "the file of the template $from"
  done << END
$templates
END
}
clear_path() {
  parent=${1%/*}
  if [ "$parent" != "$1" ]; then enter_folders "$parent" "$2"; fi
  rm -rf "${work:?}/release/$1"
}

write_files() {
  if [ -n "$environment_file" ]; then
    chmod 600 "$work/variables"
    mv -T "$work/variables" "$work/release/$environment_file"
  fi
  if [ -n "$templates" ]; then render_templates; fi
}
