import type { Gate } from '@vesemir/contract'
import { listFew } from './count.ts'
import { formatDateTime, formatTime } from './moment.ts'
import { quiet, toned, type Text } from './text.ts'

/** Where a text is read: a time zone is named where the reader's is not known, as in a notification. */
export interface ReaderOptions {
  timeZone?: string | undefined
}

const dayMs = 24 * 3_600_000

/** Describes what a deployment waits for since `at`, and until when. */
export function describeGate(gate: Gate, { at, timeZone }: { at: string } & ReaderOptions): Text {
  const isLong = Date.parse(gate.until) - Date.parse(at) >= dayMs
  const moment = isLong ? formatDateTime(gate.until, timeZone) : formatTime(gate.until, timeZone)
  const until = `until ${moment}${timeZone === undefined ? '' : ` ${timeZone}`}`
  const reason = describeGateReason(gate)
  switch (gate.kind) {
    case 'pause':
      return [...reason, ` ${until}`]
    case 'approval':
      return [...reason, ` ${until}${describeApprovals(gate)}`]
    case 'failure':
      return [...reason, ` ${until}; without one: ${gate.otherwise}`]
  }
}

/** Describes what a deployment waits for at a gate, or waited for. */
export function describeGateReason(gate: Gate): Text {
  switch (gate.kind) {
    case 'pause':
      return [toned('waiting', 'waiting'), ` ${describePlace(gate)}`]
    case 'approval':
      return [toned('waiting for approval', 'waiting'), ` ${describePlace(gate)}`]
    case 'failure':
      return [toned('waiting for a decision', 'waiting'), ` on ${listFew(gate.hosts, 8)}`]
  }
}

function describePlace({ afterWave }: { afterWave: number }): string {
  return afterWave === 0 ? 'before the first wave' : `after wave ${afterWave}`
}

function describeApprovals({ approvals = 1, approvedBy = [] }: Extract<Gate, { kind: 'approval' }>): string {
  if (approvals === 1) return ''
  const by = approvedBy.length === 0 ? '' : ` (${listFew(approvedBy, 8)})`
  return `; ${approvedBy.length} of ${approvals} approvals${by}`
}

/** Describes the commands that answer a gate; a pause ends by itself. */
export function describeAnswers(gate: Gate, id: string): Text[] {
  const commands = answers[gate.kind]
  if (commands.length === 0) return []
  return [[quiet('→ '), toned(commands.map((command) => `vesemir ${command} ${id}`).join(' | '), 'command')]]
}

const answers: Readonly<Record<Gate['kind'], readonly string[]>> = {
  pause: [],
  approval: ['approve', 'reject'],
  failure: ['retry', 'skip', 'rollback', 'cancel'],
}
