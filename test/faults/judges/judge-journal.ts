import type { ServerRef } from '@vesemir/contract'
import type { ServerRow } from '../../../infra/fleet/show-servers.ts'
import { cluster } from '../../../infra/vesemir/worker-settings.ts'
import type { System } from '../../support/start-system.ts'
import { judgeServers } from './judge-servers.ts'

interface Expected {
  before: readonly ServerRow[]
  /** Hosts whose servers are what a person wants them to be. */
  setByHand?: readonly string[]
  lostBoxes?: readonly string[]
}

/**
 * Says in words which servers are not as they were before the deployment, by nobody's hand, although `vesemir lb doctor` does
 * not know of them: nobody would ever put them back.
 */
export async function judgeJournal(
  { client, fleet }: System,
  { before, setByHand = [], lostBoxes = [] }: Expected,
): Promise<string[]> {
  const { servers } = await client.doctorBalancers({ cluster })
  const known = new Set(servers.map(({ server }) => nameOf(server)))
  const unknown = before.filter(
    (row) => !known.has(nameOf(row)) && !setByHand.includes(row.server) && !lostBoxes.includes(row.box),
  )
  return judgeServers(unknown, await fleet.showServers()).map((words) => `${words}, and lb doctor does not know`)
}

function nameOf({ box, backend, server }: ServerRef): string {
  return `${box} ${backend}/${server}`
}
