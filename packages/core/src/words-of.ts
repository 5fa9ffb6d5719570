import type { Deployment } from '@vesemir/contract'

/** A reason has 500 characters: so many words at most are noted of one deployment. */
const mostWords = 100

/** Returns the words of a text in lower case, each once: letters and digits, joined by ".", "-" or "_" as in `PAY-123` and `1.4.2`. */
export function wordsOf(text: string): string[] {
  return [...new Set(text.toLowerCase().match(/[\p{L}\p{N}]+(?:[._-][\p{L}\p{N}]+)*/gu))]
}

/** Returns the words that a deployment alone has: of its reason and its version. */
export function ownWords({ reason = '', version }: Pick<Deployment['spec'], 'reason' | 'version'>): string[] {
  return wordsOf(`${version} ${reason}`).slice(0, mostWords)
}

/** Returns whether a deployment has all words of a text: in reason, version, application, environment, team, or who requested it. */
export function hasWords({ spec, requestedBy }: Pick<Deployment, 'spec' | 'requestedBy'>, text: string): boolean {
  const { application, environment, team } = spec
  const words = new Set([...ownWords(spec), ...[application, environment, team, requestedBy].flatMap(wordsOf)])
  return wordsOf(text).every((word) => words.has(word))
}
