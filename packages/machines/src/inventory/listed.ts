const shownItems = 5

/** Joins texts for a message: the first five, and how many more there are. */
export function listed(texts: readonly string[], separator = '; '): string {
  const shown = texts.slice(0, shownItems)
  if (texts.length > shownItems) shown.push(`and ${texts.length - shownItems} more`)
  return shown.join(separator)
}
