import { shellQuote } from '../../remote-shell/index.ts'

/**
 * Writes the functions of a script that stand for the shared paths: `provide_shared`, which makes folders and looks for files
 * in shared/, and `link_shared`, which puts links to them into the release in the making. Links are relative, so that
 * `directory` can be moved.
 */
export function sharedFunctions(paths: readonly string[]): string {
  const provided = paths.map((path) => `${path.endsWith('/') ? 'provide_folder' : 'provide_file'} ${shellQuote(path)}`)
  const linked = paths.map((path) => linkCalls(path.replace(/\/$/, '').split('/')))
  return `${functions}${shellFunction('provide_shared', provided)}${shellFunction('link_shared', linked)}`
}

function linkCalls(names: string[]): string {
  const path = names.join('/')
  const parents = names.slice(0, -1).map((_, index) => names.slice(0, index + 1).join('/'))
  const target = `${'../'.repeat(names.length + 1)}shared/${path}`
  const enters = parents.map((parent) => `enter_folder ${shellQuote(parent)}`)
  return [...enters, `put_link ${shellQuote(path)} ${shellQuote(target)}`].join('\n')
}

function shellFunction(name: string, lines: readonly string[]): string {
  return `${name}() {\n${[...lines, ':'].join('\n')}\n}\n`
}

const functions = String.raw`
provide_folder() { [ -d "shared/$1" ] || mkdir -p "shared/$1"; }
provide_file() {
  [ -e "shared/$1" ] ||
    fail "$directory/shared/$1 is not there, and each release is to be linked to it: put it there once"
}
# A link of the archive's own could lead anywhere.
enter_folder() {
  [ ! -L "$work/release/$1" ] || fail "the artifact is refused: it has a link at $1, and a shared path is below it"
  [ -d "$work/release/$1" ] || mkdir -p "$work/release/$1"
}
put_link() {
  if [ -e "$work/release/$1" ] || [ -L "$work/release/$1" ]; then rm -rf "$work/release/$1"; fi
  ln -s "$2" "$work/release/$1"
}
`
