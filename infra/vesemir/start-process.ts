import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FleetProcess, FleetState } from '../fleet/fleet-state.ts'
import { startProcess, waitUntilReady } from '../fleet/processes.ts'
import { programOf } from './programs.ts'

/** Most of what a start from the sources costs is to compile them. */
const compileCache = join(tmpdir(), 'vesemir-compile-cache')

interface VesemirProcess {
  /** What the process is called in the fleet, and its files: `worker-1`. */
  name: string
  /** The app below apps/. */
  app: 'api' | 'worker'
  /** The text of its settings file, and the variable that names the file. */
  settings: string
  variable: string
  /** More variables. */
  env?: Readonly<Record<string, string>> | undefined
  /** The folder with the installed packages to run, in place of this workspace's code. */
  installed?: string | undefined
  isReady: (log: string) => boolean | Promise<boolean>
}

/**
 * Starts one of Vesemir's processes as part of a fleet, which ends it when it goes down, and waits until it is ready. Its
 * environment is empty but for what it needs: what a person has set for a Vesemir or a Chef of theirs is not meant.
 */
export async function startVesemirProcess(fleet: FleetState, wanted: VesemirProcess): Promise<FleetProcess> {
  const { name, app, settings, variable, env, installed, isReady } = wanted
  const folder = vesemirFolder(fleet)
  const settingsFile = join(folder, `${name}.yml`)
  const outputFile = join(folder, `${name}.log`)
  await mkdir(folder, { recursive: true })
  await writeFile(settingsFile, settings, { mode: 0o600 })
  await writeFile(outputFile, '')
  const started = await startProcess(fleet, {
    name,
    command: process.execPath,
    args: programOf(app, installed),
    outputFile,
    env: { ...env, PATH: process.env.PATH, HOME: folder, NODE_COMPILE_CACHE: compileCache, [variable]: settingsFile },
  })
  await waitUntilReady(started, async () => isReady(await readFile(outputFile, 'utf8')), {
    what: `${name} is ready`,
  })
  return started
}

/** Where Vesemir's processes have their settings and logs. */
export function vesemirFolder({ dir }: FleetState): string {
  return join(dir, 'vesemir')
}
