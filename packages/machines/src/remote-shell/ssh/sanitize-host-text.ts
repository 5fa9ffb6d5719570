import { stripVTControlCharacters } from 'node:util'

const mostCharacters = 300

/**
 * Makes one short line of what a machine says of itself, such as why it ends a connection: no control characters, since it
 * ends up in errors, which people read on terminals.
 */
export function sanitizeHostText(said: string): string {
  const words = stripVTControlCharacters(said.slice(0, 4 * mostCharacters)).replace(/\p{Cc}+/gu, ' ')
  return words.length <= mostCharacters ? words : `${words.slice(0, mostCharacters)}…`
}
