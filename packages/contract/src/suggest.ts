import { closestMatch } from 'leven'

/** Returns `; did you mean WORD?` for the word that is close to the given one, to be added to a complaint; nothing where none is. */
export function suggest(given: string, words: string[]): string {
  const meant = closestMatch(given, words, { maxDistance: Math.ceil(given.length / 3) })
  return meant === undefined ? '' : `; did you mean ${meant}?`
}
