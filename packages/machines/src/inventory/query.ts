import { VesemirError } from '@vesemir/core'

/** One condition of a search. */
export interface Term {
  field: string
  value: string
}

/** What a field's name may be. */
export const fieldPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/

/**
 * Reads a query that a person wrote: `field:value` joined by AND, as in Chef's search language. A colon in the value may be
 * escaped or not.
 * @throws {VesemirError} `QUERY_INVALID` for anything else.
 */
export function parseQuery(text: string): Term[] {
  const words = text.trim().split(/\s+/)
  return words.flatMap((word, index) => {
    if (index % 2 === 0) return [parseTerm(word, text)]
    if (word === 'AND' && index < words.length - 1) return []
    throw invalidQuery(text, word === 'AND' ? 'it ends with AND' : `${shown(word)} is where AND must be`)
  })
}

/** Whether a word is an operator of Chef's language. goiardi takes lower-case ones too, and reads `and` as OR. */
export function isOperator(word: string): boolean {
  return /^(?:and|or|not)$/i.test(word)
}

/** Quotes a text for a message, cut to a readable length. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text)
}

function parseTerm(word: string, text: string): Term {
  const colon = word.indexOf(':')
  const term = { field: word.slice(0, colon), value: word.slice(colon + 1).replaceAll('\\:', ':') }
  if (colon < 1 || !fieldPattern.test(term.field) || isOperator(term.field)) {
    throw invalidQuery(text, `${shown(word)} is not a field:value`)
  }
  return term
}

function invalidQuery(text: string, reason: string): VesemirError {
  const message = `the query ${shown(text)} cannot be used: ${reason}. Write field:value terms joined by AND, such as roles:web AND tags:eu-west`
  return new VesemirError('QUERY_INVALID', message, { details: { query: text } })
}
