import type { Command, GivenCommand } from '@vesemir/contract'
import { listFew } from './count.ts'
import { toned, type Text } from './text.ts'

/** Describes a command that a person gave: `cancel now requested by ada: wrong build`. */
export function describeGivenCommand({ command, by }: Pick<GivenCommand, 'command' | 'by'>): Text {
  const why = command.reason === undefined ? '' : `: ${command.reason}`
  return [toned(describeCommand(command), 'waiting'), ` requested by ${by}${why}`]
}

function describeCommand(command: Command): string {
  if (command.command === 'cancel' && command.now) return 'cancel now'
  if (command.command !== 'retry') return command.command
  const { hosts, without } = command
  return `retry${hosts ? ` of ${listFew(hosts, 8)}` : ''}${without ? ` without ${listFew(without, 8)}` : ''}`
}
