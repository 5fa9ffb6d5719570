import type { Client } from '@vesemir/contract'
import type { Part } from '../system/start-part.ts'
import { watchMemory } from '../system/process-usage.ts'
import type { BenchSystem } from '../system/start-system.ts'
import { definition, request } from './definition.ts'

export interface LogFigures {
  lines: number
  linesPerSecond: number
  lost: number
  outOfOrder: number
  workerPeakBytes: number
  apiPeakBytes: number
}

/** Lets a host print so many numbered lines, and watches them come over a WebSocket as `vesemir logs` does. */
export async function measureLog(
  system: BenchSystem,
  { worker, lines, version }: { worker: Part; lines: number; version: string },
): Promise<LogFigures> {
  const { client } = system
  const text = 'of a line of output that is about as long as those of a build'
  const commands = [`seq -f '%.0f ${text}' 1 ${lines}`]
  await client.putApplication(definition({ strategy: 'command', commands }))
  await using ofWorker = watchMemory(worker.pid)
  await using ofApi = watchMemory(system.api.pid)
  const { id } = await client.createDeployment({ ...request, version })
  const seen = await watch(client, id)
  return {
    lines,
    linesPerSecond: seen.count / ((seen.lastMs - seen.firstMs) / 1000),
    lost: lines - seen.count,
    outOfOrder: seen.outOfOrder,
    workerPeakBytes: ofWorker.peakBytes(),
    apiPeakBytes: ofApi.peakBytes(),
  }
}

/** From the moment at which the host's step begins, so that what waits before the first line counts too. */
async function watch(client: Client, id: string) {
  const seen = { count: 0, outOfOrder: 0, firstMs: 0, lastMs: 0 }
  for await (const event of client.followEvents(id)) {
    if ('kind' in event) continue
    if (event.type === 'step.started' && event.step === 'deploy') seen.firstMs = performance.now()
    if (event.type !== 'log.appended') continue
    for (const line of event.lines) {
      seen.count += 1
      if (Number.parseInt(line.text) !== seen.count) seen.outOfOrder += 1
    }
    seen.lastMs = performance.now()
  }
  return seen
}
