import type { ServerState } from '@vesemir/contract'
import { hasMoved } from './endpoints.ts'
import type { JournalEntry, NotedServer } from './ports/traffic-journal.ts'
import { isHeldOut, isSameServer, reducedWeights } from './servers.ts'

/**
 * Returns what a server was before Vesemir changed it: what the journal says, but for what a person has changed since. Returns
 * undefined for a server that is out of rotation by a person, or by Vesemir for another host that it stood for: it is theirs.
 */
export function originalOf(now: ServerState, noted: JournalEntry | undefined): ServerState | undefined {
  const entry = noted && hasMoved(noted.server, now) ? undefined : noted
  if (isHeldOut(now) && (!entry || entry.isHeldByPerson)) return undefined
  if (!entry) return now
  return isOurWeight(now, entry) ? entry.server : { ...entry.server, weight: now.weight }
}

/** Whether a server shows a weight that Vesemir has set, or a box after a reload: another was set by a person. */
export function isOurWeight({ weight, weightHeldBy, initialWeight }: ServerState, { weights }: JournalEntry): boolean {
  return weightHeldBy !== undefined || weight === initialWeight || weights.includes(weight)
}

/** What the journal is to know of servers before the first change: what they were, and every weight that they may be given. */
export function toNotedServers(
  originals: readonly ServerState[],
  { percents, entries }: { percents: readonly number[]; entries: readonly JournalEntry[] },
): NotedServer[] {
  return originals.map((server) => {
    const entry = entries.find((other) => isSameServer(other.server, server))
    const own = percents.flatMap((percent) => reducedWeights([server], percent).map(({ weight }) => weight))
    // What an earlier walk has set may show until this one sets its own.
    const weights = new Set([server.weight, ...own, ...(entry?.weights ?? [])])
    return { server, weights: [...weights] }
  })
}
