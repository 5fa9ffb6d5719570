import { startChild } from './child.ts'
import type { Load } from './loads.ts'
import type { Listening, RelayTask } from './relay.ts'
import type { Bench } from './start-bench.ts'
import type { Seen, ViewersTask } from './viewers.ts'
import { watchProcess, type Usage } from './watch-process.ts'
import type { Begun, Written, WriterTask } from './writer.ts'

export interface LoadReport extends Pick<Seen, 'p50Ms' | 'p99Ms' | 'longestMs' | 'faults'> {
  load: Load
  /** What went to all viewers together, each second. */
  linesPerSecond: number
  api: Usage
}

/** Lets viewers watch while lines are written, and finds out what did not reach each of them once and in order. */
export async function runLoad(bench: Bench, load: Load): Promise<LoadReport> {
  await using writer = startChild('writer', { redisUrl: bench.redisUrl, load } satisfies WriterTask)
  const { ids } = await writer.hear<Begun>()
  const usage = watchProcess(bench.apiPid)
  const base = bench.url.replace('http', 'ws')
  const task = {
    addresses: ids.map((id) => `${base}/v1/deployments/${id}/events`),
    token: bench.token,
    viewers: load.viewers,
    stuckViewers: load.stuckViewers,
  }
  await using viewers = startChild('viewers', task satisfies ViewersTask)
  await viewers.hear()
  writer.tell('go')
  const written = await writer.hear<Written>()
  const quick = await viewers.hear<Seen>()
  const api = usage.stop()
  viewers.tell('read on')
  const stuck = await viewers.hear<Seen>()
  const { p50Ms, p99Ms, longestMs } = quick
  const watching = load.deployments * load.viewers
  const faults = [
    ...missing(quick, { written, viewers: watching }),
    ...missing(stuck, { written, viewers: load.stuckViewers }),
    ...stuck.faults,
  ]
  return { load, linesPerSecond: watching * load.linesPerSecond, p50Ms, p99Ms, longestMs, faults, api }
}

/** The same with the bare relay in the API's place: what this machine makes of it just now. */
export async function runFloor(load: Load): Promise<Pick<Seen, 'p50Ms' | 'p99Ms' | 'longestMs'>> {
  await using relay = startChild('relay', { load } satisfies RelayTask)
  const { address } = await relay.hear<Listening>()
  const addresses = Array.from({ length: load.deployments }, (_, number) => `${address}/${number}`)
  const task = { addresses, token: '', viewers: load.viewers, stuckViewers: 0 }
  await using viewers = startChild('viewers', task satisfies ViewersTask)
  await viewers.hear()
  relay.tell('go')
  const { p50Ms, p99Ms, longestMs } = await viewers.hear<Seen>()
  return { p50Ms, p99Ms, longestMs }
}

function missing({ ends }: Seen, { written, viewers }: { written: Written; viewers: number }): string[] {
  const { lines, lastSeqs } = written
  const isWhole = (end: Seen['ends'][number]) => end.lines === lines && end.lastSeq === lastSeqs[end.deployment]
  const served = ends.filter(isWhole).reduce((sum, end) => sum + end.viewers, 0)
  if (served === viewers) return []
  const wrong = ends.filter((end) => !isWhole(end)).slice(0, 3)
  const got = wrong.map((end) => `${end.lines} lines to event ${end.lastSeq}, not ${lastSeqs[end.deployment]}`)
  return [`${viewers - served} of ${viewers} viewers did not get all ${lines} lines: ${got.join('; ')}`]
}
