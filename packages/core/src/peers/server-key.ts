import type { ServerRef } from '@vesemir/contract'

/** Names a server in a map. */
export function serverKey({ box, backend, server }: ServerRef): string {
  return JSON.stringify([box, backend, server])
}
