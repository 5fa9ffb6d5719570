import { readFileSync } from 'node:fs'

/** What a process has used since it was first looked at. */
export interface Usage {
  /** Resident memory at the beginning, and at its highest since, in MiB. */
  residentBeforeMiB: number
  residentMiB: number
  /** The share of one core. */
  cpu: number
  /** How long it was kept waiting for a core, for each second that it ran. */
  waited: number
}

/** proc(5): utime and stime are in ticks of a hundredth of a second on Linux. */
const ticksPerSecond = 100
const everyMs = 200

/** Watches the memory and the processor time of a process, until asked. */
export function watchProcess(pid: number): { stop(): Usage } {
  const startedMs = performance.now()
  const ticksBefore = readTicks(pid)
  const before = readSchedule(pid)
  const residentBeforeMiB = readResidentMiB(pid)
  let residentMiB = residentBeforeMiB
  const look = () => (residentMiB = Math.max(residentMiB, readResidentMiB(pid)))
  const timer = setInterval(look, everyMs)
  return {
    stop() {
      clearInterval(timer)
      look()
      const seconds = (performance.now() - startedMs) / 1000
      const cpu = (readTicks(pid) - ticksBefore) / ticksPerSecond / seconds
      const after = readSchedule(pid)
      const waited = (after.waitedNs - before.waitedNs) / (after.ranNs - before.ranNs)
      return { residentBeforeMiB, residentMiB, cpu: round(cpu), waited: round(waited) }
    },
  }
}

function readResidentMiB(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Math.round(Number(kib) / 1024)
}

function readTicks(pid: number): number {
  // The second field is a name, which may hold blanks and ends with the last bracket.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
  return Number(fields[11]) + Number(fields[12])
}

/** Documentation/scheduler/sched-stats of the kernel: time on a core, and time in its queue, of the first thread. */
function readSchedule(pid: number): { ranNs: number; waitedNs: number } {
  const [ranNs, waitedNs] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ').map(Number) as [number, number]
  return { ranNs, waitedNs }
}

function round(share: number): number {
  return Math.round(share * 100) / 100
}
