import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { GivenDefinition } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { parseYaml, readYaml } from '@vesemir/process/settings'
import { parseConfigFile } from '../config-file.ts'
import { exitCodes } from '../exit-codes.ts'
import { jsonLine } from '../render/json.ts'
import type { Output } from '../session.ts'
import { findServer } from '../standalone/find-server.ts'

/** What a file of settings is for. */
export type ConfigKind = 'api' | 'worker' | 'application' | 'cli'

const code = 'CONFIG_INVALID'

/**
 * Checks a file of settings, and says of what kind it is. Those of API and worker are checked by `vesemir-server --check`, which has
 * their schemas and reads the keys and certificates that they name.
 */
export async function checkConfig(
  file: string,
  { as }: { as?: ConfigKind },
  { json, write, print }: Output,
): Promise<number> {
  const text = await readText(file)
  const kind = as ?? kindOf(readYaml(text, { file, code }).content as object)
  if (kind === 'application') parseYaml(text, { schema: GivenDefinition, file, code })
  else if (kind === 'cli') parseConfigFile(text, file)
  else return checkByServer(kind, file)
  if (json) write(jsonLine({ file, kind, valid: true }))
  else print([`${file} is valid`])
  return exitCodes.succeeded
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new VesemirError(code, `cannot read ${file}: ${(cause as NodeJS.ErrnoException).code}`, { cause })
  }
}

/** Returns what a file is for, by its settings. */
function kindOf(content: object): ConfigKind {
  if ('clusters' in content) return Array.isArray(content.clusters) ? 'api' : 'worker'
  if ('tokens' in content) return 'api'
  return Object.keys(content).every((name) => name === 'url' || name === 'token') ? 'cli' : 'application'
}

/** Runs the program whose settings they are, which writes what is wrong to stderr. Returns its exit code. */
async function checkByServer(kind: 'api' | 'worker', file: string): Promise<number> {
  const args = [findServer()[kind], '--config', file, '--check']
  const [exitCode] = (await once(spawn(process.execPath, args, { stdio: 'inherit' }), 'close')) as [number | null]
  return exitCode ?? exitCodes.failed
}
