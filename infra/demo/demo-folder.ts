import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { openFleet } from '../fleet/fleet.ts'
import { readFleetState } from '../fleet/fleet-state.ts'
import { isAlive, readProcess, type ProcessIdentity } from '../fleet/process-table.ts'

const mark = 'demo.json'

/**
 * Makes the demo's folder this process's own. What an earlier demo that was killed has left in it is taken down first; gives
 * how many processes that were.
 * @throws when a demo runs there, or what is in the folder is not a demo's
 */
export async function takeFolder(dir: string): Promise<number> {
  mkdirSync(dir, { recursive: true })
  // A folder below /tmp may be another user's trap.
  const stats = lstatSync(dir)
  if (!stats.isDirectory() || stats.uid !== userInfo().uid) throw new Error(`${dir} is not yours: choose another --dir`)
  const owner = readOwner(dir)
  if (!owner && readdirSync(dir).length > 0) throw new Error(`${dir} has other things in it: choose another --dir`)
  if (owner && owner.pid !== process.pid && isAlive(owner))
    throw new Error(`a demo runs in ${dir} (pid ${owner.pid}): end it with Ctrl-C, or choose another --dir`)
  const left = readFleetState(dir)?.processes.filter(isAlive) ?? []
  if (left.length > 0) await openFleet(dir).down()
  for (const name of readdirSync(dir)) rmSync(join(dir, name), { recursive: true, force: true })
  writeFileSync(join(dir, mark), JSON.stringify(readProcess(process.pid)))
  return left.length
}

/** Removes the folder and all that is in it. */
export function removeFolder(dir: string): void {
  rmSync(dir, { recursive: true, force: true })
}

function readOwner(dir: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(join(dir, mark), 'utf8')) as ProcessIdentity
  } catch {
    return undefined
  }
}
