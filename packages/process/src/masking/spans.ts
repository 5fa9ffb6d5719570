/** A part of a text without line ends, from a character to the one before another. */
export interface Span {
  from: number
  to: number
}

/** Finds where one of the forms stands, in order. What overlaps or touches is one span. */
export function findSpans(flat: string, forms: readonly string[]): Span[] {
  const found: Span[] = []
  for (const form of forms)
    for (let from = flat.indexOf(form); from !== -1; from = flat.indexOf(form, from + 1))
      found.push({ from, to: from + form.length })
  const spans: Span[] = []
  for (const { from, to } of found.toSorted((a, b) => a.from - b.from)) {
    const last = spans.at(-1)
    if (last && from <= last.to) last.to = Math.max(last.to, to)
    else spans.push({ from, to })
  }
  return spans
}

/**
 * Finds where the longest part at the end begins that one of the forms may go on from, and that is longer than `shortest`;
 * undefined where there is none.
 */
export function findBeginning(flat: string, forms: readonly string[], shortest: number): number | undefined {
  const beginnings = forms.flatMap((form) => {
    const head = form.slice(0, shortest + 1)
    for (let at = flat.indexOf(head, flat.length - form.length + 1); at !== -1; at = flat.indexOf(head, at + 1))
      if (form.startsWith(flat.slice(at))) return [at]
    return []
  })
  return beginnings.length === 0 ? undefined : Math.min(...beginnings)
}

/** Puts `***` in the place of each span. Line ends count for no character of a span, and those within one are left out. */
export function replaceSpans(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text
  const places = [...text.matchAll(/[^\r\n]/g)].map(({ index }) => index)
  let replaced = ''
  let end = 0
  for (const { from, to } of spans) {
    replaced += `${text.slice(end, places[from])}***`
    end = places[to - 1]! + 1
  }
  return replaced + text.slice(end)
}
