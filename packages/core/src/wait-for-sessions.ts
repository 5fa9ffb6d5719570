import type { ServerRef, ServerState } from '@vesemir/contract'
import { VesemirError } from './errors.ts'
import { noteReturn } from './keep-out.ts'
import { poll } from './poll.ts'
import { countSessions, describeServer, isSameServer } from './servers.ts'
import { act, change, recordWait, type Walk } from './walk.ts'

/** Sessions can be between two servers for a moment: zero counts when it is seen this many times in a row. */
const zerosInARow = 3

/** Most hosts have no session left by then: the first looks are close together. */
const firstLookMs = 5

/**
 * Says how the sessions ended, or gives undefined when the host has come back into rotation meanwhile. A drained server is
 * reached by cookies still, and between two of their requests it looks idle: only in maintenance nobody comes any more.
 */
export async function waitForSessions(walk: Walk): Promise<string | undefined> {
  const { drainTimeoutMs, drainDeadlineMs, onDrainTimeout } = walk.traffic
  const mostSessions = countSessions(walk.claim.host.seen ?? [])
  const { end: softly, seen } = await sessionsEnd(walk, { timeoutMs: drainTimeoutMs, zeros: zerosInARow, dead: [] })
  if (softly === 'back') return undefined
  // In maintenance every server shows as down: which of them are, only shows before.
  const dead = seen.filter(isDead)
  const held = await change(walk, () => walk.balancer.hold(walk.servers, walk.signal))
  const timeoutMs = drainDeadlineMs - drainTimeoutMs
  const zeros = softly === 'gone' ? 1 : zerosInARow
  const { end: firmly } = await sessionsEnd(walk, { timeoutMs, zeros, dead, seen: held })
  if (firmly === 'back') return undefined
  if (firmly === 'gone') return softly === 'gone' ? `${sessions(mostSessions)} ended` : 'sessions ended in maintenance'
  const left = countSessions(await walk.balancer.read(walk.servers, walk.signal))
  switch (onDrainTimeout) {
    case 'abort':
      throw new VesemirError('DRAIN_TIMED_OUT', `${sessions(left)} on ${walk.target.name} did not end in time`)
    case 'proceed':
      return `continued with ${sessions(left)} open`
    case 'cut':
      await act(walk, () => walk.balancer.cutSessions(walk.servers, walk.signal))
      return `cut ${sessions(left)}`
  }
}

interface Wanted {
  timeoutMs: number
  zeros: number
  dead: readonly ServerRef[]
  /** What has just been read, which is the first look. */
  seen?: readonly ServerState[]
}

/** Waits until no server that could answer has a session, so many times in a row; gives what it saw last. */
async function sessionsEnd(
  walk: Walk,
  wanted: Wanted,
): Promise<{ end: 'gone' | 'back' | 'open'; seen: readonly ServerState[] }> {
  let first = wanted.seen
  let seen: readonly ServerState[] = []
  let zeros = 0
  const end = await poll(
    async () => {
      seen = first ?? (await walk.balancer.read(walk.servers, walk.signal))
      first = undefined
      if (await noteReturn(walk, seen)) return 'back'
      const busy = seen.filter((server) => server.sessions > 0 && !isDead(server) && !isAmong(wanted.dead, server))
      zeros = busy.length === 0 ? zeros + 1 : 0
      if (zeros === wanted.zeros) return 'gone'
      if (busy.length > 0) await recordWait(walk, `sessions to end: ${busy.map(describeSessions).join(', ')}`)
      return undefined
    },
    { clock: walk.ports.clock, timeoutMs: wanted.timeoutMs, signal: walk.waits, firstIntervalMs: firstLookMs },
  )
  return { end: end ?? 'open', seen }
}

/** Whether the box takes the server for down, so that no answer will come. */
function isDead({ admin, health }: ServerState): boolean {
  return admin !== 'maint' && health === 'down'
}

function isAmong(servers: readonly ServerRef[], server: ServerRef): boolean {
  return servers.some((other) => isSameServer(other, server))
}

function describeSessions(server: Parameters<typeof describeServer>[0] & { sessions: number }): string {
  return `${server.sessions} on ${describeServer(server)}`
}

function sessions(count: number): string {
  return count === 1 ? '1 session' : `${count} sessions`
}
