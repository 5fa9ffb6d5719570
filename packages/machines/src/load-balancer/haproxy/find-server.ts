import type { HostTarget } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import type { StateRow } from './tables.ts'

/** Where to look, for the error's words. */
interface Place {
  box: string
  backend: string
  serverPort: number | undefined
}

/**
 * Finds the server that stands for a host in one backend: by its name, else by the host's address, and the port where one
 * is given.
 * @throws {VesemirError} `SERVER_UNKNOWN`, `SERVER_AMBIGUOUS`
 */
export function findServer(rows: readonly StateRow[], host: HostTarget, place: Place): string {
  const { box, backend, serverPort } = place
  const named = rows.find(({ server }) => server === host.name)
  if (named) return named.server
  const atAddress = rows.filter(({ address, fqdn, port }) => {
    return (isHost(host, address) || isHost(host, fqdn)) && (serverPort === undefined || port === serverPort)
  })
  const [found, another] = atAddress
  if (found && !another) return found.server
  const at = serverPort === undefined ? host.address : `${host.address}:${serverPort}`
  if (!found)
    throw new VesemirError('SERVER_UNKNOWN', `${backend} on ${box} has no server called ${host.name} or at ${at}`)
  const names = atAddress.map(({ server, port }) => `${server} (port ${port})`).join(', ')
  throw new VesemirError('SERVER_AMBIGUOUS', `${host.name} is several servers of ${backend} on ${box}: ${names}`)
}

function isHost(host: HostTarget, address: string): boolean {
  return address === host.address || address === host.name
}
