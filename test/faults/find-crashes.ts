import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findProcess } from '../../infra/fleet/processes.ts'
import { isAlive } from '../../infra/fleet/process-table.ts'
import { vesemirFolder } from '../../infra/vesemir/start-process.ts'
import type { System } from '../support/start-system.ts'
import { workers } from './start-bench.ts'

/** Tells which of Vesemir's processes have ended although nobody ended them, and their last words; starts them again. */
export async function findCrashes(system: System): Promise<string[]> {
  const crashes: string[] = []
  for (const name of ['api', ...workers]) {
    if (isAlive(findProcess(system.fleet, name))) continue
    crashes.push(`${name} has ended by itself: ${await lastWordsOf(system, name)}`)
    await (name === 'api' ? system.startApi() : system.startWorker(name))
  }
  return crashes
}

/** What Node says of an exception that nobody caught is no line of the log. */
async function lastWordsOf({ fleet }: System, name: string): Promise<string> {
  const log = await readFile(join(vesemirFolder(fleet), `${name}.log`), 'utf8')
  const words = log.split('\n').filter((line) => line !== '' && !line.startsWith('{'))
  return words.slice(0, 30).join('\n')
}
