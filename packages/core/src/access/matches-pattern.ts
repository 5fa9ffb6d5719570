/** Tells whether a name is one that a pattern means: `*` stands for any characters, and all others for themselves. */
export function matchesPattern(pattern: string, name: string): boolean {
  const [first, ...others] = pattern.split('*') as [string, ...string[]]
  const last = others.pop()
  if (last === undefined) return name === first
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false
  // Each part where it is found first: whatever else fits, this does too, in time that grows with the name alone.
  const end = name.length - last.length
  let at = first.length
  for (const part of others) {
    const found = name.indexOf(part, at)
    if (found < 0 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}
