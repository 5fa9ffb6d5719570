import type { Deployment, Gate, GivenCommand } from '@vesemir/contract'
import { describeFailure, hintLines } from './failure.ts'
import { dim, painted, type Line } from './text.ts'
import { formatDuration } from './time.ts'

/** Says why a deployment stands still and what lets it go on, and what it was told and has not done yet. */
export function standingLines(deployment: Deployment, nowMs: number): Line[] {
  const { id, state, commands } = deployment
  const pending = commands.map((given): Line => [...commandLine(given), dim(', not carried out yet')])
  switch (state.status) {
    case 'queued':
      return state.waitingFor === undefined ? pending : [...pending, waitLine(state.waitingFor)]
    case 'paused':
      return [...pending, pauseLine(state.by, id)]
    case 'gated':
      return [...pending, ...gateLines(state.gate, { id, limit: `${timeLeft(state.gate.until, nowMs)} left` })]
    case 'planning':
    case 'running':
      return pending
    case 'succeeded':
    case 'failed':
    case 'cancelled':
    case 'rolled-back':
      return pastLines(deployment)
  }
}

/** Says what came after a deployment, and what it was told and does not do. */
function pastLines({ id, supersededBy, refused }: Deployment): Line[] {
  return [
    ...(supersededBy ? [[painted('superseded', 'yellow'), ` by ${supersededBy.id} (${supersededBy.version})`]] : []),
    ...(refused
      ? [[painted('not carried out', 'yellow'), `: ${describeFailure(refused)}`], ...hintLines(refused, { id })]
      : []),
  ]
}

/** Says what a person told a deployment: `cancel now asked for by ada: wrong build`. */
export function commandLine({ command, by }: Pick<GivenCommand, 'command' | 'by'>): Line {
  const why = command.reason === undefined ? '' : `: ${command.reason}`
  return [painted(describeCommand(command), 'yellow'), ` asked for by ${by}${why}`]
}

function describeCommand(command: GivenCommand['command']): string {
  if (command.command === 'cancel' && command.now) return 'cancel now'
  if (command.command === 'retry' && command.hosts) return `retry of ${command.hosts.join(', ')}`
  return command.command
}

export function waitLine(waitingFor: string): Line {
  return [painted('waits for ', 'yellow'), waitingFor]
}

export function pauseLine(by: string, id: string): Line {
  return [painted('paused', 'yellow'), ` by ${by}: no host is started. To go on: vesemir resume ${id}`]
}

/** Says what a deployment waits for between hosts, and how it is answered. `limit` says until when it does. */
export function gateLines(gate: Gate, { id, limit }: { id: string; limit: string }): Line[] {
  switch (gate.kind) {
    case 'pause':
      return [[painted('pauses', 'yellow'), ` after wave ${gate.afterWave}, ${limit}`]]
    case 'approval':
      return [
        [painted('waits for approval', 'yellow'), ` after wave ${gate.afterWave}, ${limit}`],
        answerLine(['approve', 'reject'], id),
      ]
    case 'failure':
      return [
        [
          painted('asks what to do', 'yellow'),
          ` about ${gate.hosts.join(', ')}, ${limit}; without an answer: ${gate.otherwise}`,
        ],
        answerLine(['retry', 'skip', 'rollback', 'cancel'], id),
      ]
  }
}

function answerLine(commands: readonly string[], id: string): Line {
  return [dim('→ '), painted(commands.map((command) => `vesemir ${command} ${id}`).join(', or '), 'cyan')]
}

function timeLeft(until: string, nowMs: number): string {
  return formatDuration(Date.parse(until) - nowMs)
}
