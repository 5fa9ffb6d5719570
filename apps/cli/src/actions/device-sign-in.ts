import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError, type Client, type ProviderList } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { strong } from '@vesemir/words'
import { ask } from '../ask.ts'
import type { Output } from '../session.ts'

type Provider = ProviderList['providers'][number]

/** Returns how people can sign in, without a token: none with an API that is older than this. */
export async function listProviders(client: Pick<Client, 'listProviders'>): Promise<Provider[]> {
  try {
    return (await client.listProviders()).providers
  } catch (error) {
    if (error instanceof ApiError && error.problem.status === 404) return []
    throw error
  }
}

/** Asks which provider, where there are several. Nothing is found where a person ended the question. */
export async function pickProvider(providers: readonly Provider[]): Promise<string | undefined> {
  const [first] = providers
  if (providers.length === 1) return first!.name
  return ask(`Sign in with (${providers.map(({ name }) => name).join(', ')})`, first!.name)
}

/**
 * Has a person sign in in a browser, of whatever machine, and returns the token.
 * @throws {VesemirError} `SIGN_IN_REFUSED` when the code has expired
 */
export async function signInByDevice(
  client: Pick<Client, 'startDeviceSignIn' | 'finishDeviceSignIn'>,
  { provider, output }: { provider: string; output: Pick<Output, 'notify'> },
): Promise<string> {
  const started = await client.startDeviceSignIn(provider)
  output.notify(['Open ', strong(started.verificationUriComplete ?? started.verificationUri)])
  output.notify(['Check that the page shows this code: ', strong(started.userCode)])
  for (const endMs = Date.parse(started.expiresAt); Date.now() < endMs;) {
    await sleep(started.intervalSeconds * 1000)
    const { token } = await client.finishDeviceSignIn(provider, started.device)
    if (token !== undefined) return token
  }
  throw new VesemirError('SIGN_IN_REFUSED', `nobody entered the code ${started.userCode} in time`)
}
