const units = ['B', 'kB', 'MB', 'GB'] as const

/** Writes a size for people, such as `8.2 GB`: in powers of 1000. */
export function describeBytes(bytes: number): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}
