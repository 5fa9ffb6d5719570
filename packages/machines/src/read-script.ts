import { readFileSync } from 'node:fs'

/**
 * Reads a script that is to run on a host. Where it sources another, such as `. ./functions.sh`, it has that file's text in it,
 * since it is sent as one; `sourced` says where each lies.
 * @throws {TypeError} when it sources what is not in `sourced`
 */
export function readScript(file: URL, sourced: Readonly<Record<string, URL>> = {}): string {
  return readFileSync(file, 'utf8').replaceAll(/^\. \.\/(.+)$/gm, (_, name: string) => {
    const part = sourced[name]
    if (!part) throw new TypeError(`${file.pathname} sources ${name}, and nothing says where that is`)
    return readFileSync(part, 'utf8')
  })
}
