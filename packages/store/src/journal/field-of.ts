import type { ServerRef } from '@vesemir/contract'

/** Returns a server's field in the journal's hashes. */
export function fieldOf({ box, backend, server }: ServerRef): string {
  return `${box}/${backend}/${server}`
}
