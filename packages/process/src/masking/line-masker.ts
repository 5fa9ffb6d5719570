import { findBeginning, findSpans, replaceSpans } from './spans.ts'

/** Masks lines that come one after another: a secret may begin in one and end in a later one. */
export interface LineMasker {
  write: (line: string) => void
  /** Passes on what was held back since a secret could have begun in it. */
  end: () => void
}

// So many characters of a secret at the end of a line are shown: else every line that ends with a common letter would have to wait for
// the next one.
const shownCharacters = 3

/** Creates a masker of lines, by the forms of secrets that are known when a line comes. */
export function createLineMasker(formsNow: () => readonly string[], pass: (line: string) => void): LineMasker {
  let held: string[] = []
  /** The end of what was passed on. */
  let shown = ''

  function passOn(count: number): void {
    const lines = held.slice(0, count)
    held = held.slice(count)
    const flat = shown + lines.join('')
    const own = findSpans(flat, formsNow())
      .filter(({ to }) => to > shown.length)
      .map(({ from, to }) => ({ from: Math.max(0, from - shown.length), to: to - shown.length }))
    if (count > 0) for (const line of replaceSpans(lines.join('\n'), own).split('\n')) pass(line)
    shown = flat.slice(-shownCharacters)
  }

  return {
    write(line) {
      if (formsNow().length === 0 && held.length === 0) return pass(line)
      held.push(line)
      passOn(countOfWhole(held, { shown, forms: formsNow() }))
    },
    end: () => passOn(held.length),
  }
}

/** How many of the lines have no secret that goes on after them, nor in the lines after these. */
function countOfWhole(lines: readonly string[], { shown, forms }: { shown: string; forms: readonly string[] }): number {
  const flat = shown + lines.join('')
  let cut = findBeginning(flat, forms, shownCharacters)
  if (cut === undefined) return lines.length
  for (const { from, to } of findSpans(flat, forms).toReversed())
    if (to > startOf(lines, cut, shown)) cut = Math.min(cut, from)
  return lineAt(lines, cut, shown).count
}

function startOf(lines: readonly string[], at: number, shown: string): number {
  return lineAt(lines, at, shown).start
}

/** The line that has a character of `shown` and all lines, as the number of lines before it, and its beginning. */
function lineAt(lines: readonly string[], at: number, shown: string): { count: number; start: number } {
  let start = shown.length
  for (const [count, line] of lines.entries()) {
    if (at < start + line.length) return { count, start }
    start += line.length
  }
  return { count: lines.length, start }
}
