import { VesemirError } from '@vesemir/core'
import * as openid from 'openid-client'
import type { ProviderSettings } from '../config.ts'
import { readPerson, type Person } from './read-person.ts'

/** What a provider has said of somebody, and how to ask it again. */
export interface ProviderIdentity extends Person {
  idToken: string
  refreshToken?: string | undefined
}

/** What a browser comes back with has to fit this. */
export interface CodeFlow {
  state: string
  nonce: string
  verifier: string
}

export interface DeviceFlow {
  deviceCode: string
  userCode: string
  verificationUri: string
  verificationUriComplete?: string | undefined
  intervalSeconds: number
  expiresInSeconds: number
}

/** An identity provider, by OpenID Connect. @throws {VesemirError} `PROVIDER_FAILED`, `SIGN_IN_REFUSED` */
export interface Provider {
  /** Returns where to send a browser, and what it has to come back with. */
  startCodeFlow(redirectUri: string): Promise<{ url: URL; flow: CodeFlow }>
  finishCodeFlow(callback: URL, flow: CodeFlow): Promise<ProviderIdentity>
  startDeviceFlow(): Promise<DeviceFlow>
  /** Returns undefined while the person has not answered yet. */
  finishDeviceFlow(deviceCode: string): Promise<ProviderIdentity | undefined>
  /** Asks again about somebody, with their refresh token. */
  refresh(known: Known & { refreshToken: string }): Promise<ProviderIdentity>
  /** Returns where a browser ends the provider's session too, if that is offered. */
  endSessionUrl(idToken: string, returnTo: string): Promise<string | undefined>
}

type Known = Pick<ProviderIdentity, 'subject' | 'idToken'>
type Tokens = openid.TokenEndpointResponse & openid.TokenEndpointResponseHelpers

interface Discovered {
  config: openid.Configuration
  settings: ProviderSettings
}

const timeoutSeconds = 10
/** RFC 8628, 3.2: without an interval it is this. */
const defaultIntervalSeconds = 5
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'

/** Knows a provider by its issuer's discovery document, which is read when it is first needed. */
export function createProvider(settings: ProviderSettings): Provider {
  let discovering: Promise<openid.Configuration> | undefined
  const ask = async <Result>(act: (discovered: Discovered) => Promise<Result>): Promise<Result> => {
    try {
      discovering ??= discover(settings)
      const config = await discovering.catch((error: unknown) => {
        // One that did not answer is asked again by the next who needs it.
        discovering = undefined
        throw error
      })
      return await act({ config, settings })
    } catch (error) {
      throw toVesemirError(error, settings.issuer)
    }
  }
  return {
    startCodeFlow: (redirectUri) => ask((discovered) => startCodeFlow(redirectUri, discovered)),
    finishCodeFlow: (callback, flow) => ask((discovered) => finishCodeFlow(callback, { flow, ...discovered })),
    startDeviceFlow: () => ask(startDeviceFlow),
    finishDeviceFlow: (deviceCode) => ask((discovered) => finishDeviceFlow(deviceCode, discovered)),
    refresh: (known) => ask((discovered) => refresh(known, discovered)),
    endSessionUrl: (idToken, returnTo) =>
      ask(async ({ config }) => {
        if (config.serverMetadata().end_session_endpoint === undefined) return undefined
        const parameters = { id_token_hint: idToken, post_logout_redirect_uri: returnTo }
        return openid.buildEndSessionUrl(config, parameters).href
      }),
  }
}

function discover({ issuer, clientId, clientSecret }: ProviderSettings): Promise<openid.Configuration> {
  const authentication = clientSecret === undefined ? openid.None() : undefined
  return openid.discovery(new URL(issuer), clientId, clientSecret, authentication, {
    timeout: timeoutSeconds,
    // The settings allow http: for a loopback address alone.
    execute: issuer.startsWith('http:') ? [openid.allowInsecureRequests] : [],
  })
}

async function startCodeFlow(redirectUri: string, { config, settings: { scopes } }: Discovered) {
  const [state, nonce, verifier] = [openid.randomState(), openid.randomNonce(), openid.randomPKCECodeVerifier()]
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: scopes.join(' '),
    state,
    nonce,
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    // OpenID Connect Core, 11: without it, a provider need not give a refresh token.
    ...(scopes.includes('offline_access') ? { prompt: 'consent' } : {}),
  })
  return { url, flow: { state, nonce, verifier } }
}

async function finishCodeFlow(callback: URL, { flow, ...discovered }: Discovered & { flow: CodeFlow }) {
  const { state, nonce, verifier } = flow
  if (callback.searchParams.get('state') !== state) throw refused(discovered, 'sent back another sign-in')
  const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true }
  return vouch(await openid.authorizationCodeGrant(discovered.config, callback, checks), discovered)
}

async function startDeviceFlow(discovered: Discovered): Promise<DeviceFlow> {
  const { config, settings } = discovered
  if (config.serverMetadata().device_authorization_endpoint === undefined)
    throw refused(discovered, 'has no device flow: sign in with a token')
  const answer = await openid.initiateDeviceAuthorization(config, { scope: settings.scopes.join(' ') })
  return {
    deviceCode: answer.device_code,
    userCode: answer.user_code,
    verificationUri: answer.verification_uri,
    verificationUriComplete: answer.verification_uri_complete,
    intervalSeconds: answer.interval ?? defaultIntervalSeconds,
    expiresInSeconds: answer.expires_in,
  }
}

async function finishDeviceFlow(deviceCode: string, discovered: Discovered): Promise<ProviderIdentity | undefined> {
  try {
    const tokens = await openid.genericGrantRequest(discovered.config, deviceGrant, { device_code: deviceCode })
    return await vouch(tokens, discovered)
  } catch (error) {
    // RFC 8628, 3.5
    const isPending =
      error instanceof openid.ResponseBodyError && /^(?:authorization_pending|slow_down)$/.test(error.error)
    if (isPending) return undefined
    throw error
  }
}

async function refresh(known: Known & { refreshToken: string }, discovered: Discovered): Promise<ProviderIdentity> {
  const tokens = await openid.refreshTokenGrant(discovered.config, known.refreshToken)
  const vouched = await vouch(tokens, { ...discovered, known })
  if (vouched.subject !== known.subject) throw refused(discovered, 'vouches for somebody else now')
  // RFC 6749, 6: without a new one, the old one stays.
  return { ...vouched, refreshToken: vouched.refreshToken ?? known.refreshToken }
}

async function vouch(
  tokens: Tokens,
  { known, ...discovered }: Discovered & { known?: Known | undefined },
): Promise<ProviderIdentity> {
  const { config, settings } = discovered
  const claims = tokens.claims()
  const subject = claims?.sub ?? known?.subject
  const idToken = tokens.id_token ?? known?.idToken
  if (subject === undefined || idToken === undefined) throw refused(discovered, 'sent no ID token')
  // Many providers have groups and addresses there alone.
  const hasUserInfo = config.serverMetadata().userinfo_endpoint !== undefined
  const info = hasUserInfo ? await openid.fetchUserInfo(config, tokens.access_token, subject) : {}
  const person = readPerson({ ...claims, ...info, sub: subject }, settings)
  return { ...person, idToken, refreshToken: tokens.refresh_token }
}

function refused({ settings: { issuer } }: Discovered, why: string): VesemirError {
  return new VesemirError('SIGN_IN_REFUSED', `${issuer} ${why}`)
}

/** A provider's refusal is quoted by its code alone: the rest may be anything. */
function toVesemirError(error: unknown, issuer: string): unknown {
  if (error instanceof VesemirError) return error
  if (error instanceof openid.AuthorizationResponseError || error instanceof openid.ResponseBodyError)
    return new VesemirError('SIGN_IN_REFUSED', `${issuer} refused: ${error.error}`, { cause: error })
  return new VesemirError('PROVIDER_FAILED', `${issuer} did not answer as an identity provider does`, { cause: error })
}
