import { readFileSync } from 'node:fs'

/**
 * Reads a script that is to run on a host. Where it sources another, such as `. ./functions.sh`, it has that file's text in it,
 * since it is sent as one; `sourced` says where each lies. Comments and what lines are indented by stay here: every host would be sent
 * them, and read them.
 * @throws {TypeError} when it sources what is not in `sourced`
 */
export function readScript(file: URL, sourced: Readonly<Record<string, URL>> = {}): string {
  return readLines(file).replaceAll(/^\. \.\/(.+)\n/gm, (_, name: string) => {
    const part = sourced[name]
    if (!part) throw new TypeError(`${file.pathname} sources ${name}, and nothing says where that is`)
    return readLines(part)
  })
}

function readLines(file: URL): string {
  return readFileSync(file, 'utf8').replaceAll(/^\s*(#.*\n)?/gm, '')
}
