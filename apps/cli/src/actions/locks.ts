import { exitCodes } from '../exit-codes.ts'
import { jsonDocument } from '../render/json.ts'
import { lockLines } from '../render/lists.ts'
import type { Session } from '../session.ts'

interface Place {
  application: string
  environment: string
}

/** Holds off deployments of an application in an environment. */
export async function lock(place: Place, { reason, session }: { reason: string; session: Session }): Promise<number> {
  const { client, json, write, tell } = session
  const lock = await client.putLock(place, reason)
  if (json) write(jsonDocument(lock))
  else tell([`deployments of ${inWords(place)} are held off. To let them go on: vesemir unlock ${asTyped(place)}`])
  return exitCodes.succeeded
}

/** Lets deployments go on. It is as well when nothing held them off. */
export async function unlock(place: Place, { client, json, write, tell }: Session): Promise<number> {
  const left = await client.deleteLock(place)
  if (json) write(jsonDocument(left))
  else tell([`nothing holds deployments of ${inWords(place)} off now`])
  return exitCodes.succeeded
}

/** Lists where deployments are held off. */
export async function listLocks({ client, json, write, print, tell }: Session): Promise<number> {
  const list = await client.listLocks()
  if (json) write(jsonDocument(list))
  else if (list.locks.length === 0) tell(['no deployments are held off'])
  else lockLines(list.locks).forEach(print)
  return exitCodes.succeeded
}

function inWords({ application, environment }: Place): string {
  return `${application} to ${environment}`
}

function asTyped({ application, environment }: Place): string {
  return `${application} -e ${environment}`
}
