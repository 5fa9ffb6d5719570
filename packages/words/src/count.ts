/** Counts things: `1 host`, `3 hosts`, `100,000 lines`. */
export function count(number: number, noun: string): string {
  // Formatters are loaded only where there is something to group: the first takes longer than the rest of a short command.
  const digits = number < 1000 ? number : number.toLocaleString('en')
  return `${digits} ${noun}${number === 1 ? '' : 's'}`
}

/** Names the first `most` and counts the rest: `web-1, web-2, web-3 and 5 more`. */
export function listFew(names: readonly string[], most = 3): string {
  if (names.length <= most) return names.join(', ')
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`
}
