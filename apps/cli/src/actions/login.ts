import { ApiError } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { ask, askHidden, readFirstLine } from '../ask.ts'
import { checkToken, checkUrl, configPath, readConfig, readConfigFile, type Config, type Given } from '../config.ts'
import { exitCodes } from '../exit-codes.ts'
import { openClient } from '../open-client.ts'
import { jsonDocument } from '../render/json.ts'
import type { GlobalOptions, Output } from '../session.ts'
import { writeConfigFile } from '../write-config.ts'
import { findCiIdToken } from './ci-id-token.ts'
import { listProviders, pickProvider, signInByDevice } from './device-sign-in.ts'

export interface LoginOptions extends Pick<GlobalOptions, 'url' | 'token'> {
  /** Whether to use the ID token of the CI job that this runs in. */
  ci?: boolean
  audience?: string
}

/** Finds out where the API is and what the token is, checks them there, and keeps them in the settings file. */
export async function login(flags: LoginOptions, output: Output): Promise<number> {
  const path = configPath(process.env)
  const foundUrl = await findUrl(flags.url, path)
  if (!foundUrl) return exitCodes.interrupted
  const url = checkUrl(foundUrl)
  const foundToken = flags.ci
    ? await exchangeCiToken(url, flags.audience)
    : await findToken(flags.token, { url, output })
  if (!foundToken) return exitCodes.interrupted
  const token = checkToken(foundToken)
  const { name, role } = await openClient({ url, token }).getSession()
  await writeConfigFile(path, { url, token })
  if (output.json) output.write(jsonDocument({ url, name, role, file: path }))
  else output.notify([`Signed in to ${url} as ${name} (${role}). Saved to ${path}`])
  return exitCodes.succeeded
}

/** Ends the session of the token that is kept, if it is one of a person's, and keeps it no longer. */
export async function logout(flags: Pick<GlobalOptions, 'url' | 'token'>, output: Output): Promise<number> {
  const config = await readConfig(flags, process.env)
  const path = configPath(process.env)
  await endSession(config)
  if ((await readConfigFile(path))?.token !== undefined) await writeConfigFile(path, { token: undefined })
  if (output.json) output.write(jsonDocument({ url: config.url, file: path }))
  else output.notify([`Signed out of ${config.url}`])
  return exitCodes.succeeded
}

/** One that has ended already is fine. */
async function endSession(config: Config): Promise<void> {
  try {
    await openClient(config).deleteSession()
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'UNAUTHENTICATED') throw error
  }
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

/** The API expects its own address as audience, unless its rules for CI name another. */
async function exchangeCiToken(url: string, audience = url): Promise<Given> {
  const idToken = await findCiIdToken(audience, process.env)
  const { access_token: value } = await openClient({ url }).exchangeToken(idToken)
  return { value, from: 'the token for CI' }
}

async function findToken(
  flag: string | undefined,
  { url, output }: { url: string; output: Output },
): Promise<Given | undefined> {
  if (flag !== undefined) return { value: flag, from: '--token' }
  if (!process.stdin.isTTY) return named('the token', await readFirstLine())
  const client = openClient({ url })
  const providers = await listProviders(client)
  if (providers.length === 0) return named('the token', await askHidden('Token (hidden)'))
  const provider = await pickProvider(providers)
  return provider === undefined ? undefined : named('the token', await signInByDevice(client, { provider, output }))
}

function named(from: string, value: string | undefined): Given | undefined {
  return value === undefined ? undefined : { value, from }
}
