import type { Deployment, DeploymentView, GivenCommand } from '@vesemir/contract'
import { count, listFew } from './count.ts'
import { timeLeftMs } from './progress.ts'
import { clockTime, formatDuration, roughDuration } from './time.ts'

/** Says in a sentence or two how a deployment stands and what it waits for. */
export function tellDeployment(view: DeploymentView, nowMs: number): string {
  const { deployment } = view
  const { state } = deployment
  switch (state.status) {
    case 'queued':
      return state.waitingFor === undefined
        ? 'It waits for a worker to take it up.'
        : `It waits for ${state.waitingFor}.`
    case 'planning':
      return 'A worker asks Chef and the load balancers which hosts are meant.'
    case 'running':
      return `${tellHosts(deployment)} ${tellTimeLeft(view, nowMs)}`.trim()
    case 'paused':
      return `${state.by} has paused it: no more hosts are started. ${tellHosts(deployment)}`
    case 'gated':
      return `${tellGate(state.gate, nowMs)} ${tellHosts(deployment)}`
    case 'succeeded':
      return state.note === undefined
        ? `${count(deployment.counts.succeeded, 'host')} in ${timeTaken(deployment, nowMs)}.`
        : `It ended after ${timeTaken(deployment, nowMs)}; ${state.note}.`
    case 'failed':
    case 'cancelled':
      return `It ended after ${timeTaken(deployment, nowMs)}. ${tellHosts(deployment)}`
    case 'rolled-back':
      return `Every touched host runs the release before again, after ${timeTaken(deployment, nowMs)}.`
  }
}

/** Says how long a deployment took, or has taken by now. */
export function timeTaken({ state, createdAt }: Pick<Deployment, 'state' | 'createdAt'>, nowMs: number): string {
  const untilMs = 'endedAt' in state ? Date.parse(state.endedAt) : nowMs
  return formatDuration(untilMs - Date.parse(createdAt))
}

/** Says which command is still being carried out. */
export function tellCommand({ command, by }: GivenCommand): string {
  return `${by} asked to ${commandWords(command)}: it is being carried out.`
}

function commandWords(command: GivenCommand['command']): string {
  switch (command.command) {
    case 'pause':
    case 'resume':
    case 'approve':
    case 'reject':
      return command.command
    case 'cancel':
      return command.now ? 'cancel at once' : 'cancel'
    case 'retry':
      return command.hosts ? `retry ${listFew(command.hosts)}` : 'retry'
    case 'rollback':
      return 'roll back'
    case 'skip':
      return 'go on without the hosts that failed'
  }
}

function tellHosts({ state, counts, plan }: Deployment): string {
  if (!plan) return ''
  const parts: [number, string][] = [
    [counts.succeeded, 'done'],
    [counts.running, 'in progress'],
    [counts.failed + counts.unreachable, 'failed'],
    [counts.skipped, 'skipped'],
    [counts['rolled-back'], 'rolled back'],
    [counts.pending, 'endedAt' in state ? 'not started' : 'to go'],
  ]
  const told = parts.filter(([hosts]) => hosts > 0).map(([hosts, what]) => `${hosts} ${what}`)
  return `${count(plan.hosts, 'host')}: ${told.join(', ')}.`
}

function tellTimeLeft(view: DeploymentView, nowMs: number): string {
  const leftMs = timeLeftMs(view, nowMs)
  if (leftMs === undefined) return ''
  const text = roughDuration(leftMs)
  return `${text[0]!.toUpperCase()}${text.slice(1)} left.`
}

type Gate = Extract<Deployment['state'], { status: 'gated' }>['gate']

function tellGate(gate: Gate, nowMs: number): string {
  const leftMs = Date.parse(gate.until) - nowMs
  const until = leftMs > 12 * 3_600_000 ? `for ${roughDuration(leftMs)}` : `until ${clockTime(gate.until)}`
  switch (gate.kind) {
    case 'approval':
      return `Wave ${gate.afterWave} is done. It waits for someone to approve the next, ${until} at the most.`
    case 'pause':
      return `Wave ${gate.afterWave} is done. The next begins at ${clockTime(gate.until)}.`
    case 'failure':
      return `${listFew(gate.hosts)} failed. It asks what to do, ${until}; without an answer, ${otherwiseWords[gate.otherwise]}.`
  }
}

const otherwiseWords = { stop: 'it ends', skip: 'it goes on without them', rollback: 'it rolls back' } as const
