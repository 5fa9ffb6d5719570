import type { Fleet } from '../../infra/fleet/fleet.ts'
import { applicationsOf } from '../../infra/fleet/fleet-state.ts'
import type { ServerRow } from '../../infra/fleet/show-servers.ts'

/** What a fleet is like at a moment, by its machines' own words. */
export interface FleetShot {
  /** The version that each host answers with, by application and host. */
  versions: ReadonlyMap<string, ReadonlyMap<string, string>>
  servers: readonly ServerRow[]
}

const answerTimeoutMs = 3_000

/** Asks every host which version of each application it runs, and every box for its servers. */
export async function readFleet(fleet: Fleet): Promise<FleetShot> {
  const versions = applicationsOf(fleet).map(
    async ({ name, appPort }) => [name, await readVersions(fleet, appPort)] as const,
  )
  const [servers, ...applications] = await Promise.all([fleet.showServers(), ...versions])
  return { servers, versions: new Map(applications) }
}

async function readVersions({ hosts }: Fleet, port: number): Promise<Map<string, string>> {
  const ask = async ({ name, address }: Fleet['hosts'][number]) => [name, await askVersion(address, port)] as const
  return new Map(await Promise.all(hosts.map(ask)))
}

async function askVersion(address: string, port: number): Promise<string> {
  try {
    const answer = await fetch(`http://${address}:${port}/`, { signal: AbortSignal.timeout(answerTimeoutMs) })
    await answer.text()
    return answer.headers.get('x-version') ?? `status ${answer.status}`
  } catch (error) {
    return String(error)
  }
}
