import type { HostTarget, ServerRef } from '@vesemir/contract'
import type { LocatedHost } from '@vesemir/core'
import { normalAddress, normalName, shortName } from './host-names.ts'
import { endpointOf } from './server-state.ts'
import type { StateRow } from './tables.ts'

/** Where to look. */
interface Place {
  box: string
  backends: readonly string[]
  serverPort: number | undefined
}

/**
 * Finds the servers of hosts among all of one box. In each backend those at a host's address are its own, all of them, and at
 * the port where one is set; where none is there, those with its name. Whatever else is at its address is another server of the
 * machine.
 */
export function findServers(
  hosts: readonly HostTarget[],
  rows: readonly StateRow[],
  { box, backends, serverPort }: Place,
): LocatedHost[] {
  const index = indexRows(rows)
  const isOwn = ({ backend, port }: StateRow) =>
    backends.includes(backend) && (serverPort === undefined || port === serverPort)
  const toRef = (row: StateRow): ServerRef => {
    return { box, backend: row.backend, server: row.server, endpoint: endpointOf(row) }
  }
  return hosts.map((host) => {
    const here = index.at(host)
    const atAddress = here.filter(isOwn)
    const found = new Set(atAddress.map(({ backend }) => backend))
    const namesakes = index.called(host.name)
    const byName = namesakes.filter((row) => isOwn(row) && !found.has(row.backend))
    const own = [...atAddress, ...byName]
    const besides = namesakes.filter((row) => byName.some(({ address }) => address !== '' && address === row.address))
    return {
      servers: own.toSorted((a, b) => backends.indexOf(a.backend) - backends.indexOf(b.backend)).map(toRef),
      byName: byName.filter(({ address }) => address !== '').map(toRef),
      others: [...new Set([...here, ...besides])].filter((row) => !own.includes(row)).map(toRef),
    }
  })
}

/** Looks servers up by the address or the name of a host: of a thousand hosts each must not look at a thousand servers. */
function indexRows(rows: readonly StateRow[]) {
  const byPlace = groupBy(rows, ({ address, fqdn }) => [address && normalAddress(address), fqdn && normalName(fqdn)])
  const byName = groupBy(rows, ({ server }) => [normalName(server)])
  const byShortName = groupBy(rows, ({ server }) => [shortName(server)])
  const get = (map: Map<string, StateRow[]>, key: string | undefined) => (key ? (map.get(key) ?? []) : [])
  return {
    at: ({ address, name }: HostTarget) => [
      ...new Set([...get(byPlace, normalAddress(address)), ...get(byPlace, normalName(name))]),
    ],
    /** With the whole name, where one has it; else where the one is the first label of the other. */
    called: (name: string) => {
      const exact = get(byName, normalName(name))
      return exact.length > 0 ? exact : [...get(byName, shortName(name)), ...get(byShortName, normalName(name))]
    },
  }
}

function groupBy(
  rows: readonly StateRow[],
  keysOf: (row: StateRow) => readonly (string | undefined)[],
): Map<string, StateRow[]> {
  const groups = new Map<string, StateRow[]>()
  for (const row of rows)
    for (const key of new Set(keysOf(row))) if (key) groups.set(key, [...(groups.get(key) ?? []), row])
  return groups
}
