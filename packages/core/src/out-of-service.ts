import type { ServerState } from '@vesemir/contract'
import type { JournalEntry } from './ports/traffic-journal.ts'
import { describeServer, isInService, isSameServer } from './servers.ts'

/** Servers that get no traffic though no deployment in progress uses them: what is wrong, and what to do. */
export interface OutOfService {
  detail: string
  hint: string
}

/** So many servers are named; of more, the number is told. */
const mostNamed = 10

/**
 * Says which servers are out of service and what put each there, as far as the journal knows; nothing when the only ones
 * are those of deployments in progress.
 */
export function findOutOfService(
  states: readonly ServerState[],
  { entries, inProgress }: { entries: readonly JournalEntry[]; inProgress: ReadonlySet<string> },
): OutOfService | undefined {
  const out = states
    .filter((state) => !isInService(state))
    .map((state) => ({ state, entry: entries.find(({ server }) => isSameServer(server, state)) }))
    .filter(({ entry }) => !entry || !inProgress.has(entry.deploymentId))
  if (out.length === 0) return undefined
  const named = out.slice(0, mostNamed).map(({ state, entry }) => `${describeServer(state)} ${whyOut(state, entry)}`)
  const more = out.length > mostNamed ? [`and ${out.length - mostNamed} more`] : []
  const detail = `${out.length} of ${states.length} servers are out of service: ${[...named, ...more].join('; ')}`
  const deployments = [...new Set(out.flatMap(({ entry }) => entry?.deploymentId ?? []))]
  return { detail, hint: whatToDo(deployments) }
}

function whyOut({ admin, health, weight }: ServerState, entry: JournalEntry | undefined): string {
  const state = admin === 'ready' ? (weight === 0 ? 'has weight 0' : `is ${health}`) : `is in ${admin}`
  if (entry && !entry.isHeldByPerson) return `${state}, left by ${entry.deploymentId} (taken out at ${entry.notedAt})`
  return admin === 'ready' ? state : `${state}, not by Vesemir`
}

function whatToDo(deployments: readonly string[]): string {
  if (deployments.length === 0) return 'Find out why on the box and the host: Vesemir did not take them out.'
  return `Show what can be put back: vesemir lb doctor. Deploy to the hosts again: ${deployments.map((id) => `vesemir retry ${id}`).join(', ')}`
}
