import type { Deployment, DeploymentView } from '@vesemir/contract'
import { timeLeftMs } from '@vesemir/core'
import { describeGivenCommand } from './command.ts'
import { count } from './count.ts'
import { formatEstimate, timeTaken } from './duration.ts'
import { describePause, describeWait } from './events.ts'
import { describeFailure, describeHint } from './failure.ts'
import { describeAnswers, describeGate, type ReaderOptions } from './gate.ts'
import { quiet, toned, toPlainText, type Text } from './text.ts'

/** Describes in a sentence or two how a deployment stands: what it waits for, its hosts, and the time left. */
export function describeDeployment(
  view: DeploymentView,
  { nowMs, ...reader }: { nowMs: number } & ReaderOptions,
): string {
  const { deployment } = view
  const { state } = deployment
  const counts = describeCounts(deployment)
  switch (state.status) {
    case 'queued':
      return toSentences(state.waitingFor === undefined ? 'waiting for a worker' : describeWait(state.waitingFor))
    case 'planning':
      return toSentences('looking up the hosts and their servers')
    case 'running':
      return toSentences(counts, describeTimeLeft(view, nowMs))
    case 'paused':
      return toSentences(describePause(state.by), counts)
    case 'gated':
      return toSentences(describeGate(state.gate, { at: state.since, ...reader }), counts)
    case 'succeeded':
      return toSentences(`ended after ${timeTaken(deployment, nowMs)}`, state.note ?? counts)
    case 'failed':
    case 'cancelled':
    case 'rolled-back':
      return toSentences(`ended after ${timeTaken(deployment, nowMs)}`, counts)
  }
}

/** Joins texts as sentences; an empty one is left out. */
function toSentences(...texts: (string | Text)[]): string {
  return texts
    .map((text) => (typeof text === 'string' ? text : toPlainText(text)))
    .filter((text) => text !== '')
    .map((text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`)
    .join(' ')
}

/** Describes how many hosts are in which state: `4 hosts: 1 failed, 1 succeeded, 2 pending`; nothing before the plan. */
export function describeCounts({ counts, plan }: Pick<Deployment, 'counts' | 'plan'>): string {
  if (!plan) return ''
  const parts: [number, string][] = [
    [counts.failed, 'failed'],
    [counts.unreachable, 'unreachable'],
    [counts.skipped, 'skipped'],
    [counts.succeeded, 'succeeded'],
    [counts.running, 'running'],
    [counts['rolled-back'], 'rolled back'],
    [counts.pending, 'pending'],
  ]
  const shown = parts.filter(([hosts]) => hosts > 0).map(([hosts, what]) => `${hosts} ${what}`)
  return `${count(plan.hosts, 'host')}: ${shown.join(', ')}`
}

function describeTimeLeft(view: DeploymentView, nowMs: number): string {
  const leftMs = timeLeftMs(view, nowMs)
  return leftMs === undefined ? '' : `${formatEstimate(leftMs)} left`
}

/** Describes what a deployment waits for and how to answer, the commands that are pending, and what came after it. */
export function describeStanding(deployment: Deployment, reader: ReaderOptions = {}): Text[] {
  const pending = deployment.commands.map((given): Text => [...describeGivenCommand(given), quiet('; pending')])
  return [...pending, ...describeHold(deployment, reader), ...describeAftermath(deployment)]
}

function describeHold({ id, state }: Deployment, reader: ReaderOptions): Text[] {
  switch (state.status) {
    case 'queued':
      return state.waitingFor === undefined ? [] : [describeWait(state.waitingFor)]
    case 'paused':
      return [describePause(state.by), [quiet('→ '), toned(`vesemir resume ${id}`, 'command')]]
    case 'gated':
      return [describeGate(state.gate, { at: state.since, ...reader }), ...describeAnswers(state.gate, id)]
    case 'planning':
    case 'running':
    case 'succeeded':
    case 'failed':
    case 'cancelled':
    case 'rolled-back':
      return []
  }
}

function describeAftermath({ id, state, supersededBy, refused }: Deployment): Text[] {
  if (!('endedAt' in state)) return []
  return [
    ...(supersededBy ? [[toned('superseded', 'waiting'), ` by ${supersededBy.id} (${supersededBy.version})`]] : []),
    ...(refused
      ? [[toned('last command refused', 'waiting'), `: ${describeFailure(refused)}`], ...describeHint(refused, { id })]
      : []),
  ]
}
