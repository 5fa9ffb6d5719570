import { readdirSync, readFileSync } from 'node:fs'

/** A process that cannot be mistaken for a later one with the same pid: `startTime` is in ticks since boot. */
export interface ProcessIdentity {
  pid: number
  startTime: string
}

/** One row of the system's process table. */
export interface ProcessRow extends ProcessIdentity {
  parent: number
}

/** Reads one process; gives nothing when it is gone, or dead and only not yet collected by its parent. */
export function readProcess(pid: number): ProcessRow | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined
  }
  // The name, in parentheses, may contain anything, so that fields are counted from the last one: proc(5), fields 3, 4, 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, parent, startTime] = [fields[0], fields[1], fields[19]]
  if (state === 'Z' || state === 'X' || parent === undefined || startTime === undefined) return undefined
  return { pid, parent: Number(parent), startTime }
}

/** Tells whether that very process runs still. */
export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  return readProcess(pid)?.startTime === startTime
}

/** Gives those of the processes that run still, and all processes that descend from them. */
export function processTrees(roots: readonly ProcessIdentity[]): ProcessIdentity[] {
  const found = roots.filter(isAlive)
  const table = readTable()
  for (const { pid } of found) found.push(...table.filter((row) => row.parent === pid))
  return found
}

function readTable(): ProcessRow[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((row) => row !== undefined)
}
