# shellcheck shell=sh
# shellcheck disable=SC2154 # What sources this sets directory, work and environment_file, and has `fail` and `enter_folders`.
#
# What is written into a release besides its archive: the file with the application's variables, for its owner alone. The values come on
# standard input after "vesemir: variables", a line with their number of bytes first; none is ever an argument. They are in the folder of
# this attempt until then, which nobody else may enter.

receive_variables() {
  if [ -z "$environment_file" ]; then return; fi
  # Ends the script when nobody listens any more.
  echo 'vesemir: variables'
  read -r sent_bytes
  head -c "$sent_bytes" > "$work/variables"
  [ "$(($(wc -c < "$work/variables")))" = "$sent_bytes" ] || fail 'the variables did not arrive whole'
}

# What the archive has in the place of a file goes, so that it is not noted as a file of the archive.
make_room() {
  if [ -z "$environment_file" ]; then return; fi
  parent=${environment_file%/*}
  if [ "$parent" != "$environment_file" ]; then enter_folders "$parent" 'the environment file'; fi
  rm -rf "${work:?}/release/$environment_file"
}

write_files() {
  if [ -z "$environment_file" ]; then return; fi
  chmod 600 "$work/variables"
  mv -T "$work/variables" "$work/release/$environment_file"
}
