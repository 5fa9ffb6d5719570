import { readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'

const ticksPerSecond = 100

/** Gives the processor time that a process has taken so far, its threads' included, in milliseconds. proc(5), fields 14 and 15. */
export async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond
}

/** What the machine's cores have had of time so far, all added up. */
export interface MachineTime {
  totalMs: number
  idleMs: number
}

/** Gives what the machine's cores have had of time so far. proc(5), /proc/stat: from user to steal, idle and iowait among them. */
export async function machineTime(): Promise<MachineTime> {
  const [first] = (await readFile('/proc/stat', 'utf8')).split('\n', 1)
  const ms = first!
    .split(/ +/)
    .slice(1, 9)
    .map((ticks) => (Number(ticks) * 1000) / ticksPerSecond)
  return { totalMs: ms.reduce((total, each) => total + each, 0), idleMs: ms[3]! + ms[4]! }
}

/** Gives a process's resident memory in bytes. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
}

const sampleMs = 50

/** Notes the most memory that a process has held, until it is disposed of. */
export function watchMemory(pid: number): AsyncDisposable & { peakBytes: () => number } {
  let peak = 0
  const over = new AbortController()
  const watching = watch()
  async function watch(): Promise<void> {
    while (!over.signal.aborted) {
      peak = Math.max(peak, await residentBytes(pid))
      await setTimeout(sampleMs, undefined, { signal: over.signal }).catch(() => {})
    }
  }
  return {
    peakBytes: () => peak,
    async [Symbol.asyncDispose]() {
      over.abort()
      await watching.catch(() => {})
    },
  }
}
