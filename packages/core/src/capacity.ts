import type { ServerRef, ServerState } from '@vesemir/contract'
import type { ServerAmongPeers } from './ports/load-balancer.ts'
import { isInService, isSameServer } from './servers.ts'

/** How many servers of a backend must stay in service: a number, or a percentage (rounded up) of its servers. */
export type MinHealthy = number | string

/** What is demanded of a server's backend: the most of it counts. */
export type Demands = (server: ServerRef) => readonly MinHealthy[]

/** What would be left of one backend on one box without a host: counted per box, since each box balances by itself. */
export interface Remainder {
  box: string
  backend: string
  /** Servers that can be counted on without the host's own. */
  left: number
  /** Servers in service without the host's own, also those that cannot be counted on yet. */
  inService: number
  /** The backend's servers, neither backups nor spare slots counted; absent where they were not read. */
  total?: number
  needed: number
  /** Whether the host's own servers get no traffic here, so that draining them takes nothing away. */
  isFree: boolean
}

/** Says which backend would have too few servers without these, or returns undefined when none would. */
export function capacityLack(
  servers: readonly ServerRef[],
  looked: { peers: readonly ServerState[]; demands: Demands },
): string | undefined {
  return describeLack(countRemainders(servers, looked))
}

interface Looked {
  peers: readonly ServerState[]
  demands: Demands
  inHand?: readonly ServerRef[]
  isUnsure?: (peer: ServerState) => boolean
}

/**
 * Counts what would be left without these servers. `peers` are all servers of their backends; those that are `inHand` of a walk
 * count, also where they look like spare slots meanwhile. What `isUnsure` is in service, but not to be counted on. A backend is counted by its servers: a load balancer may call a backend up even with all of them drained.
 */
export function countRemainders(
  servers: readonly ServerRef[],
  { peers, demands, inHand = [], isUnsure = () => false }: Looked,
): Remainder[] {
  const own = (peer: ServerState) => servers.some((other) => isSameServer(other, peer))
  return backendsOf(servers).map((server) => {
    const { box, backend } = server
    const all = peers.filter((peer) => peer.box === box && peer.backend === backend)
    const isInHand = (peer: ServerState) => own(peer) || inHand.some((other) => isSameServer(other, peer))
    const total = all.filter((peer) => countsForTotal(peer) || isInHand(peer)).length
    const others = all.filter((peer) => !own(peer))
    const sure = all.map((peer) => (!own(peer) && isUnsure(peer) ? { ...peer, weight: 0 } : peer))
    return {
      box,
      backend,
      left: serving(sure.filter((peer) => !own(peer))).length,
      inService: serving(others).length,
      total,
      needed: Math.max(...demands(server).map((demand) => quantityOf(demand, total))),
      isFree: !serving(sure.map((peer) => (own(peer) ? asItMayBeSoon(peer) : peer))).some(own),
    }
  })
}

/**
 * Counts by the number of servers in service alone, which costs the same in a backend of any size. Returns undefined where
 * that does not settle it: `countRemainders` knows more of percentages and backups, and of what is not enough.
 */
export function countBySpares(servers: readonly ServerAmongPeers[], demands: Demands): Remainder[] | undefined {
  const isCountable = servers.every((server) => !server.backup && demands(server).every(isNumber))
  if (!isCountable) return undefined
  const remainders = backendsOf(servers).map((server) => {
    const { box, backend, inService } = server
    const own = servers.filter((other) => other.box === box && other.backend === backend && isInService(other))
    const needed = Math.max(...demands(server).filter(isNumber))
    const left = inService - own.length
    return { box, backend, left, inService: left, needed, isFree: false }
  })
  return remainders.every(isEnough) ? remainders : undefined
}

/** Says which backend would have too few servers left, or returns undefined when none would. */
export function describeLack(remainders: readonly Remainder[]): string | undefined {
  const lacking = remainders.find((remainder) => !isEnough(remainder))
  if (!lacking) return undefined
  const { box, backend, left, total, needed } = lacking
  return `${left} of ${total} servers of ${backend} on ${box} would stay in service, ${needed} needed`
}

/** Says what will be left: `5 of 6 stay in service on lb-1, 5 of 6 on lb-2; 4 needed`. */
export function describeRemainders(remainders: readonly Remainder[]): string {
  const isSeveral = new Set(remainders.map(({ backend }) => backend)).size > 1
  const place = ({ box, backend }: Remainder) => (isSeveral ? `in ${backend} on ${box}` : `on ${box}`)
  const [free, counted] = [remainders.filter(({ isFree }) => isFree), remainders.filter(({ isFree }) => !isFree)]
  const isSame = new Set(counted.map(({ needed }) => needed)).size === 1
  const figures = counted.map((remainder, index) => {
    const { left, total, needed } = remainder
    const count = total === undefined ? `${left}` : `${left} of ${total}`
    return `${count}${index === 0 ? ' stay in service' : ''} ${place(remainder)}${isSame ? '' : ` (${needed} needed)`}`
  })
  return [
    figures.join(', '),
    isSame ? `${counted[0]!.needed} needed` : '',
    free.length > 0 ? `gets no traffic ${free.map(place).join(', ')}: costs nothing there` : '',
  ]
    .filter(Boolean)
    .join('; ')
}

/** Whether a server counts among those of which a percentage must stay in service: backups and spare slots serve nobody. */
export function countsForTotal({ backup, spare }: ServerState): boolean {
  return !backup && !spare
}

function isEnough({ left, needed, isFree }: Remainder): boolean {
  return isFree || left >= needed
}

function backendsOf<Server extends ServerRef>(servers: readonly Server[]): Server[] {
  return servers.filter(
    ({ box, backend }, index) => servers.findIndex((other) => other.box === box && other.backend === backend) === index,
  )
}

/** Returns the servers that get traffic: without any other, the first backup alone does (unless `option allbackups` is set). */
export function serving(backend: readonly ServerState[]): ServerState[] {
  const inService = backend.filter(isInService)
  const active = inService.filter(({ backup }) => !backup)
  return active.length > 0 ? active : inService.slice(0, 1)
}

/** A server that is down this long does not come back by itself: several rounds of any usual check. */
const steadilyDownSeconds = 30

/** A server that went down a moment ago, as one that alone carries all traffic may, comes back by itself: it counts as up. */
function asItMayBeSoon(server: ServerState): ServerState {
  const { downForSeconds = Infinity } = server
  return downForSeconds < steadilyDownSeconds ? { ...server, health: 'up' } : server
}

function isNumber(demand: MinHealthy): demand is number {
  return typeof demand === 'number'
}

/** Returns how many a number, or a percentage (rounded up) of a total, comes to. */
export function quantityOf(quantity: MinHealthy, total: number): number {
  return typeof quantity === 'number' ? quantity : Math.ceil((total * Number.parseInt(quantity, 10)) / 100)
}
