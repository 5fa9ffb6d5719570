import { VesemirError, isVesemirError, type Clock } from '@vesemir/core'
import type { PersonSession, PersonSessions, Seal } from '@vesemir/store/credential'
import type { SignedOutSessions } from '@vesemir/store/session'
import type { Access } from '../access-settings.ts'
import type { ProviderSettings } from '../config.ts'
import { keyOfPerson } from '../identity.ts'
import { checkEveryMs, createKeepCurrent } from './keep-current.ts'
import { createProvider, type DeviceFlow, type Provider, type ProviderIdentity } from './provider.ts'
import { createSealedFlows } from './sealed-flows.ts'

/** People who sign in with an identity provider. @throws {VesemirError} `PROVIDER_UNKNOWN`, `PROVIDER_FAILED`, `SIGN_IN_REFUSED` */
export interface People {
  readonly providers: readonly { name: string; label: string }[]
  /** Puts other providers in the place of those so far. Sessions by a provider that is gone end when they are next used. */
  replace(settings: ProvidersSettings): void
  /** Returns where to send a browser, and what it has to keep until it comes back. */
  startBrowser(provider: string, next: string): Promise<{ url: string; kept: string }>
  /** Signs in a browser that came back, and returns where it wanted to go. */
  finishBrowser(
    provider: string,
    came: { query: string; kept: string },
  ): Promise<{ session: PersonSession; next: string }>
  /** Returns what a person has to do, and `device`, by which the program asks whether they have. */
  startDevice(provider: string): Promise<Omit<DeviceFlow, 'deviceCode'> & { device: string; expiresMs: number }>
  /** Returns undefined while the person has not answered. */
  finishDevice(provider: string, device: string): Promise<(PersonSession & { token: string }) | undefined>
  /** Finds a session that the provider still stands by. */
  find(id: string): Promise<PersonSession | undefined>
  identify(token: string): Promise<PersonSession | undefined>
  /** Ends a session, and returns where a browser ends the provider's, if that is offered. */
  end(id: string): Promise<string | undefined>
  groupsOf: PersonSessions['groupsOf']
}

/** Providers by name. */
type ProvidersSettings = Readonly<Record<string, ProviderSettings>>

interface PeoplePorts {
  settings: ProvidersSettings
  sessions: PersonSessions
  seal: Seal
  clock: Pick<Clock, 'now'>
  /** How browsers reach the API. */
  url: string
  access: Pick<Access, 'grantsOfPerson' | 'tokens'>
  signedOut: Pick<SignedOutSessions, 'add'>
}

const minuteMs = 60_000
/** So long a person may take at the provider. */
const browserFlowMs = 10 * minuteMs
const longestMs = 12 * 60 * minuteMs

/** Signs people in and keeps their sessions, which follow what the provider says of them. */
export function createPeople({ settings, sessions, seal, clock, url, access, signedOut }: PeoplePorts): People {
  let current = readProviders(settings)
  const find = (name: string): Provider => {
    const provider = current.byName.get(name)
    if (provider) return provider
    throw new VesemirError('PROVIDER_UNKNOWN', `identity provider ${name} not found`)
  }
  const redirectUri = (name: string) => new URL(`sign-in/${name}/callback`, baseOf(url)).href
  const flows = createSealedFlows(seal, clock)
  const start = (provider: string, vouched: ProviderIdentity) => {
    refuseStranger(vouched, access)
    const now = clock.now()
    return sessions.start({ ...vouched, provider, checkMs: now + checkEveryMs, expiresMs: now + longestMs })
  }
  const end = async ({ id, expiresMs }: PersonSession) => {
    await sessions.end(id)
    await signedOut.add(keyOfPerson(id), expiresMs - clock.now())
  }
  const keepCurrent = createKeepCurrent({ sessions, clock, findProvider: (name) => current.byName.get(name), end })
  return {
    get providers() {
      return current.shown
    },
    replace(changed) {
      current = readProviders(changed)
    },
    async startBrowser(provider, next) {
      const { url: address, flow } = await find(provider).startCodeFlow(redirectUri(provider))
      const kept = flows.browser.close(provider, { ...flow, next, expiresMs: clock.now() + browserFlowMs })
      return { url: address.href, kept }
    },
    async finishBrowser(provider, { query, kept }) {
      const flow = flows.browser.open(provider, kept)
      const vouched = await find(provider).finishCodeFlow(new URL(`?${query}`, redirectUri(provider)), flow)
      return { session: await start(provider, vouched), next: flow.next }
    },
    async startDevice(provider) {
      const { deviceCode, ...shown } = await find(provider).startDeviceFlow()
      const expiresMs = clock.now() + shown.expiresInSeconds * 1000
      return { ...shown, expiresMs, device: flows.device.close(provider, { deviceCode, expiresMs }) }
    },
    async finishDevice(provider, device) {
      const { deviceCode } = flows.device.open(provider, device)
      const vouched = await find(provider).finishDeviceFlow(deviceCode)
      return vouched && start(provider, vouched)
    },
    find: async (id) => keepCurrent(await sessions.find(id)),
    identify: async (token) => keepCurrent(await sessions.identify(token)),
    async end(id) {
      const session = await sessions.find(id)
      if (!session) return undefined
      await end(session)
      return endSessionUrl(current.byName.get(session.provider), { idToken: session.idToken, url })
    },
    groupsOf: (name) => sessions.groupsOf(name),
  }
}

function readProviders(settings: ProvidersSettings) {
  const all = Object.entries(settings)
  return {
    byName: new Map(all.map(([name, provider]) => [name, createProvider(provider)])),
    shown: all.map(([name, { label = name }]) => ({ name, label })),
  }
}

/** @throws {VesemirError} `GRANT_MISSING` for somebody who may do nothing, `SIGN_IN_REFUSED` for one with the name of a token */
function refuseStranger({ name, groups }: ProviderIdentity, access: Pick<Access, 'grantsOfPerson' | 'tokens'>): void {
  if (access.tokens.find(name))
    throw new VesemirError(
      'SIGN_IN_REFUSED',
      `${name} is the name of a token in the settings: one of them needs another`,
    )
  if (access.grantsOfPerson({ name, groups }).length > 0) return
  const of = groups.length > 0 ? `its groups: ${groups.join(', ')}` : 'none of its groups is known'
  throw new VesemirError('GRANT_MISSING', `${name} is signed in, but has no grant in Vesemir (user:${name}; ${of})`)
}

/** Whoever has signed out here is signed out, whether the provider answers or not. */
async function endSessionUrl(provider: Provider | undefined, { idToken, url }: { idToken: string; url: string }) {
  try {
    return await provider?.endSessionUrl(idToken, url)
  } catch (error) {
    if (isVesemirError(error, 'PROVIDER_FAILED')) return undefined
    throw error
  }
}

/** With a path, where the API is below one. */
function baseOf(url: string): string {
  return url.endsWith('/') ? url : `${url}/`
}
