import type { ApplicationEnvironment } from '@vesemir/core'
import { exitCodes } from '../exit-codes.ts'
import { jsonDocument } from '../render/json.ts'
import { lockLines } from '../render/lists.ts'
import type { Session } from '../session.ts'

/** Locks an application in an environment. */
export async function lock(
  place: ApplicationEnvironment,
  { reason, session }: { reason: string; session: Session },
): Promise<number> {
  const { client, json, write, notify } = session
  const lock = await client.putLock(place, reason)
  if (json) write(jsonDocument(lock))
  else notify([`${describe(place)} is locked. Unlock it: vesemir unlock ${toArguments(place)}`])
  return exitCodes.succeeded
}

/** Unlocks an application in an environment; one that is not locked is fine too. */
export async function unlock(place: ApplicationEnvironment, { client, json, write, notify }: Session): Promise<number> {
  const left = await client.deleteLock(place)
  if (json) write(jsonDocument(left))
  else notify([`${describe(place)} is unlocked`])
  return exitCodes.succeeded
}

/** Lists the locks. */
export async function listLocks({ client, json, write, print, notify }: Session): Promise<number> {
  const list = await client.listLocks()
  if (json) write(jsonDocument(list))
  else if (list.locks.length === 0) notify(['No locks found'])
  else lockLines(list.locks).forEach(print)
  return exitCodes.succeeded
}

function describe({ application, environment }: ApplicationEnvironment): string {
  return `${application} in ${environment}`
}

function toArguments({ application, environment }: ApplicationEnvironment): string {
  return `${application} -e ${environment}`
}
