import { Redis } from 'ioredis'
import { readFile } from 'node:fs/promises'
import { commandsBetween, countCommands } from '../../../infra/bench/scale/redis-commands.ts'
import { cpuMs } from '../../../infra/bench/system/process-usage.ts'

/** What a deployment costs, in numbers that the machine's other work hardly changes. */
export interface Costs {
  /** Of the worker. */
  processorMs: number
  /** What the worker reads and writes: from and to hosts, load balancers and Redis. */
  bytes: number
  /** How often it does so, which is about how many packets it sends and gets. */
  reads: number
  writes: number
  redisCommands: number
  events: number
}

interface Measured {
  redisUrl: string
  /** Of the worker. */
  pid: number
}

/** Measures what something costs that is done meanwhile, and returns how many events it made. */
export async function measureCosts({ redisUrl, pid }: Measured, run: () => Promise<number>): Promise<Costs> {
  const redis = new Redis(redisUrl)
  await using _closing = { [Symbol.asyncDispose]: async () => void (await redis.quit()) }
  const look = async () => ({
    io: await ioOf(pid),
    processorMs: await cpuMs(pid),
    commands: await countCommands(redis),
  })
  const before = await look()
  const events = await run()
  const after = await look()
  const redisCommands = Object.values(commandsBetween(before.commands, after.commands))
  return {
    processorMs: after.processorMs - before.processorMs,
    bytes: after.io.rchar! + after.io.wchar! - before.io.rchar! - before.io.wchar!,
    reads: after.io.syscr! - before.io.syscr!,
    writes: after.io.syscw! - before.io.syscw!,
    redisCommands: redisCommands.reduce((sum, calls) => sum + calls, 0),
    events,
  }
}

/** proc(5), /proc/pid/io: sockets are counted where they are read and written as files are, as Node.js does. */
async function ioOf(pid: number): Promise<Record<string, number>> {
  const rows = (await readFile(`/proc/${pid}/io`, 'utf8')).trim().split('\n')
  return Object.fromEntries(
    rows.map((row) => row.split(': ')).map(([name, value]): [string, number] => [name!, Number(value)]),
  )
}
