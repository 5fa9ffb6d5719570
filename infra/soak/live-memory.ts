import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { waitFor } from '../fleet/wait-for.ts'

/** Node's arguments for a process that `liveBytes` asks. Its home is a folder for its report. */
export const liveMemoryArgs = ['--expose-gc', `--import=${new URL('./report-live-memory.ts', import.meta.url).href}`]

/** The file of a process's report. */
export function reportOf(pid: number, home: string): string {
  return join(home, `${pid}.live-bytes`)
}

/**
 * Has a process collect its garbage, and returns how many bytes live: on V8's heap, and outside of it for what is there. Its
 * resident memory would tell also what V8 keeps for the next garbage, which grows with what else the machine does.
 */
export async function liveBytes(pid: number, home: string): Promise<number> {
  const file = reportOf(pid, home)
  await rm(file, { force: true })
  process.kill(pid, 'SIGUSR2')
  await waitFor(() => existsSync(file), { what: `process ${pid} tells its live memory`, timeoutMs: 30_000 })
  return Number(await readFile(file, 'utf8'))
}
