import type { ApplicationDefinition } from '@vesemir/contract'

/** Reads a pace as people type it: `2`, `25%`, or waves as in `1, 10%, 50%`; nothing when nothing is typed. */
export function readPace(text: string): ApplicationDefinition['concurrency'] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  const sizes = parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part))
  return sizes.length > 1 ? sizes : sizes[0]
}
