import type { ServerRow } from '../../../infra/fleet/show-servers.ts'
import { cluster } from '../../../infra/vesemir/worker-settings.ts'
import type { System } from '../../support/start-system.ts'
import { phaseOfHost, type Phase } from '../phase-of-host.ts'
import { restoreByHand, setByHand, type ServerPlace } from '../set-by-hand.ts'
import type { Fault } from './fault.ts'

/** What people do at the boxes' admin sockets, without Vesemir. */
export const peopleFaults = {
  'a person drains a server': byHand({ setting: 'state drain', takesServers: 1, holds: isOut }),
  'a person sets a server to maintenance': byHand({ setting: 'state maint', takesServers: 1, holds: isOut }),
  'a person sets a weight': byHand({ setting: 'weight 70', takesServers: 0, holds: ({ weight }) => weight === 70 }),
} satisfies Record<string, Fault>

/** What a person sets, and whether a server shows it still. */
interface Hand {
  setting: string
  takesServers: number
  holds: (row: ServerRow) => boolean
}

/** Sets servers of the host whose step has begun, or of any other one, on one box or on all. */
function byHand(hand: Hand): Fault {
  return {
    takesServers: hand.takesServers,
    async strike({ system, random, host: walked, before }) {
      const { fleet } = system
      const host = random.pick([walked, random.pick(fleet.hosts).name])
      const boxes = random.pick([fleet.boxes, [random.pick(fleet.boxes)]])
      const places = boxes.map(({ name }) => ({ box: name, backend: fleet.application, server: host }))
      const atMs = Date.now()
      for (const place of places) await setByHand(fleet, place, hand.setting)
      return {
        setByHand: [host],
        judge: (_view, events) => judgeHand(system, { hand, places, phase: phaseOfHost(events, { host, atMs }) }),
        heal: () => restoreByHand(fleet, before.servers),
      }
    },
  }
}

interface Deed {
  hand: Hand
  places: readonly ServerPlace[]
  phase: Phase | undefined
}

/** Says in words what a person set and has not stayed, also when Vesemir is asked to put back what it has left itself. */
async function judgeHand(system: System, { hand, places, phase }: Deed): Promise<string[]> {
  // Between its drain and its proof the host is out already: who meant what cannot be told apart.
  if (phase === undefined || phase === 'out') return []
  // The next weight of its way back comes, whatever it has meanwhile.
  if (phase === 'watched' && hand.takesServers === 0) return []
  await system.client.doctorBalancers({ cluster, fix: true })
  const rows = await system.fleet.showServers()
  return places.flatMap(({ box, backend, server }) => {
    const row = rows.find((each) => each.box === box && each.backend === backend && each.server === server)
    if (row && hand.holds(row)) return []
    return [`${hand.setting} by a person (${phase}) has not stayed: ${JSON.stringify(row)}`]
  })
}

function isOut({ adminState }: ServerRow): boolean {
  return (adminState & 9) !== 0
}
