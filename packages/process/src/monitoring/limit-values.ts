/**
 * Returns a function that keeps the first `most` values of a label and makes `other` of all later ones: each value is a time series of
 * its own, for as long as the process runs.
 */
export function limitValues(most: number): (value: string) => string {
  const kept = new Set<string>()
  return (value) => {
    if (kept.size < most) kept.add(value)
    return kept.has(value) ? value : 'other'
  }
}
