import type { Command } from '@vesemir/contract'
import { exitCodes, exitOfCommand } from '../exit-codes.ts'
import { jsonDocument } from '../render/json.ts'
import type { Session } from '../session.ts'
import { followToEnd } from './open-viewer.ts'

export interface SteerOptions {
  reason?: string
  follow?: boolean
  /** In place of following. */
  detach?: boolean
  /** Of cancel. */
  now?: boolean
  /** Of retry: these hosts alone. */
  host?: string[]
  /** Of retry: exclude these hosts for good. */
  without?: string[]
  /** Of retry and rollback: of a superseded deployment too. */
  force?: boolean
}

type CommandName = Command['command']

/** Gives a deployment a command, and with `follow` shows it from then on to its end. */
export async function steerDeployment(
  id: string,
  name: CommandName,
  { session, follow = false, detach = false, ...options }: SteerOptions & { session: Session },
): Promise<number> {
  const { client, json, write, tell } = session
  const command = toCommand(name, options)
  const before = follow ? await client.getDeployment(id) : undefined
  const accepted = await client.commandDeployment(id, command)
  if (!before && json) write(jsonDocument(accepted))
  if (!json) tell([accepted.changed ? consequences[name](id, command) : `${id} was told so before: nothing changes`])
  if (before) return followToEnd(id, { session, after: before.cursor, exitOf: exitOfCommand })
  if (!json && detach) tell([`To watch it: vesemir logs ${id} -f`])
  return exitCodes.succeeded
}

function toCommand(name: CommandName, { reason, now, host: hosts, without, force }: SteerOptions): Command {
  const why = reason === undefined ? {} : { reason }
  const forced = force ? { force } : {}
  switch (name) {
    case 'cancel':
      return { command: name, now: now ?? false, ...why }
    case 'retry':
      return { command: name, ...(hosts ? { hosts } : {}), ...(without ? { without } : {}), ...forced, ...why }
    case 'rollback':
      return { command: name, ...forced, ...why }
    case 'pause':
    case 'resume':
    case 'approve':
    case 'reject':
    case 'skip':
      return { command: name, ...why }
  }
}

/** What a command leads to, and what can be done next. */
const consequences: Record<CommandName, (id: string, command: Command) => string> = {
  pause: (id) => `${id} finishes the hosts in hand and starts no more. To go on: vesemir resume ${id}`,
  resume: (id) => `${id} goes on`,
  approve: (id) => `${id} goes past its gate`,
  reject: (id) => `${id} ends at its gate. To take back what it put in place: vesemir rollback ${id}`,
  skip: (id) => `${id} goes on without the hosts that failed`,
  cancel: (id, command) =>
    command.command === 'cancel' && command.now
      ? `${id} stops the hosts in hand at their next safe point, puts them back, and ends`
      : `${id} finishes the hosts in hand and ends. To stop those too: vesemir cancel ${id} --now`,
  retry: (id, command) => {
    const { hosts, without } = command.command === 'retry' ? command : {}
    const excluding = without ? `, and excludes ${without.join(', ')} for good` : ''
    return `${id} tries ${hosts ? hosts.join(', ') : 'what is not done'} again${excluding}${forcedOn(command)}`
  },
  rollback: (id, command) => `${id} puts the release before back, host by host${forcedOn(command)}`,
}

function forcedOn(command: Command): string {
  const isForced = 'force' in command && command.force === true
  return isForced ? ', where hosts still run what it left' : ''
}
