import { describeRedisMemory, isNearlyFull, redisMemoryHint } from '@vesemir/core'
import { exitCodes } from '../exit-codes.ts'
import { jsonDocument } from '../render/json.ts'
import { workerLines } from '../render/lists.ts'
import type { Session } from '../session.ts'

/** Lists the workers, and says which clusters have none. */
export async function listWorkers({ client, json, write, print, notify }: Session): Promise<number> {
  const list = await client.listWorkers()
  if (json) write(jsonDocument(list))
  else if (list.workers.length > 0) workerLines(list.workers).forEach(print)
  else if (list.clustersWithoutWorker.length === 0) notify(['No workers found'])
  if (list.clustersWithoutWorker.length > 0)
    notify([`No worker takes jobs of: ${list.clustersWithoutWorker.join(', ')}. Deployments there wait`])
  const { redisMemory } = list
  if (redisMemory && isNearlyFull(redisMemory))
    notify([`Redis has little memory left: ${describeRedisMemory(redisMemory)}. ${redisMemoryHint}`])
  return exitCodes.succeeded
}

/** Drains a worker. */
export async function drainWorker(
  worker: string,
  { reason, session }: { reason: string | undefined; session: Session },
): Promise<number> {
  const { client, json, write, notify } = session
  const drained = await client.drainWorker(worker, reason === undefined ? {} : { reason })
  if (json) write(jsonDocument(drained))
  else notify([`${worker} is being drained; other workers resume its work. Undo: vesemir workers resume ${worker}`])
  return exitCodes.succeeded
}

/** Has a drained worker take jobs again; one that is not drained is fine too. */
export async function resumeWorker(worker: string, { client, json, write, notify }: Session): Promise<number> {
  const resumed = await client.resumeWorker(worker)
  if (json) write(jsonDocument(resumed))
  else notify([`${worker} takes jobs again`])
  return exitCodes.succeeded
}
