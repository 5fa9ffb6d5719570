import type { Fleet } from '../fleet/fleet.ts'
import type { ServerRow } from '../fleet/show-servers.ts'

/** A host as it is: the version that it answers with, and its servers' state and weight as HAProxy shows them. */
export interface HostNow {
  name: string
  version: string
  state: string
  weight: number
}

/** Asks every host and every box, and nothing of Vesemir's. */
export async function readHosts(fleet: Fleet): Promise<HostNow[]> {
  const rows = await fleet.showServers()
  return Promise.all(
    fleet.hosts.map(async ({ name, address }) => {
      const own = rows.filter((row) => row.backend === fleet.application && row.server === name)
      return {
        name,
        version: await readVersion(`http://${address}:${fleet.appPort}/`),
        state: sameOrEach(own.map((row) => ({ box: row.box, state: stateOf(row) }))),
        weight: Math.min(...own.map(({ weight }) => weight)),
      }
    }),
  )
}

async function readVersion(url: string): Promise<string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000) })
    return answer.headers.get('x-version') ?? 'unknown'
  } catch {
    return 'no answer'
  }
}

/** The numbers are HAProxy's: maintenance is any of 0x23 in the admin state, drain any of 0x18; 2 and 1 are up. */
function stateOf({ adminState, opState }: ServerRow): string {
  if (adminState & 0x23) return 'maint'
  if (adminState & 0x18) return 'drain'
  return opState === 2 || opState === 1 ? 'ready' : 'down'
}

function sameOrEach(states: { box: string; state: string }[]): string {
  const distinct = [...new Set(states.map(({ state }) => state))]
  return distinct.length === 1 ? distinct[0]! : states.map(({ box, state }) => `${state} on ${box}`).join(', ')
}
