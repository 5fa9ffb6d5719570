import { VesemirError } from '@vesemir/core'
import { ask, askHidden, readFirstLine } from '../ask.ts'
import { checkToken, checkUrl, configPath, readConfigFile, type Given } from '../config.ts'
import { exitCodes } from '../exit-codes.ts'
import { openClient } from '../open-client.ts'
import { jsonDocument } from '../render/json.ts'
import type { GlobalOptions, Output } from '../session.ts'
import { writeConfigFile } from '../write-config.ts'

/** Finds out where the API is and what the token is, checks them there, and keeps them in the settings file. */
export async function login(flags: Pick<GlobalOptions, 'url' | 'token'>, output: Output): Promise<number> {
  const path = configPath(process.env)
  const foundUrl = await findUrl(flags.url, path)
  const foundToken = foundUrl && (await findToken(flags.token))
  if (!foundToken) return exitCodes.interrupted
  const url = checkUrl(foundUrl)
  const token = checkToken(foundToken)
  const { name, role } = await openClient({ url, token }).getSession()
  await writeConfigFile(path, { url, token })
  if (output.json) output.write(jsonDocument({ url, name, role, file: path }))
  else output.notify([`Signed in to ${url} as ${name} (${role}). Saved to ${path}`])
  return exitCodes.succeeded
}

/** Nothing is found where a person ended the question. */
async function findUrl(flag: string | undefined, path: string): Promise<Given | undefined> {
  if (flag !== undefined) return { value: flag, from: '--url' }
  const { VESEMIR_URL } = process.env
  const known = VESEMIR_URL || (await readConfigFile(path))?.url
  if (process.stdin.isTTY) return named('the URL', await ask('URL of the API', known))
  if (known) return { value: known, from: VESEMIR_URL ? 'VESEMIR_URL' : 'url' }
  throw new VesemirError('CONFIG_INVALID', 'API address not set. Pass --url, or run `vesemir login` in a terminal')
}

async function findToken(flag: string | undefined): Promise<Given | undefined> {
  if (flag !== undefined) return { value: flag, from: '--token' }
  return named('the token', process.stdin.isTTY ? await askHidden('Token (hidden)') : await readFirstLine())
}

function named(from: string, value: string | undefined): Given | undefined {
  return value === undefined ? undefined : { value, from }
}
