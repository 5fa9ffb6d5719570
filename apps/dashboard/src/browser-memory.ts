/** Returns what this browser remembers under a name; undefined for nothing, or where it keeps nothing for pages. */
export function recall(name: string): string | undefined {
  try {
    return localStorage.getItem(keyOf(name)) ?? undefined
  } catch {
    return undefined
  }
}

/** Remembers a value in this browser under a name, or forgets it. Does nothing where the browser keeps nothing for pages. */
export function remember(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(keyOf(name))
    else localStorage.setItem(keyOf(name), value)
  } catch {
    // Private windows and settings against cookies: the choice holds until the page is left.
  }
}

function keyOf(name: string): string {
  return `vesemir.${name}`
}
