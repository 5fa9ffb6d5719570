/** Counts things: `1 host`, `3 hosts`, `100,000 lines`. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`
}

/** Names the first `most` and counts the rest: `web-1, web-2, web-3 and 5 more`. */
export function listFew(names: readonly string[], most = 3): string {
  if (names.length <= most) return names.join(', ')
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`
}
