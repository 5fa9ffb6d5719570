import { VesemirError, type Clock } from '@vesemir/core'
import { createRemoteJWKSet, decodeJwt, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'

export type VerifyIdToken = (token: string, expected: { issuer: string; audiences: string[] }) => Promise<JWTPayload>

const timeoutMs = 10_000
/** Keys are fetched again after so long, or for a key that is not known, at most twice a minute. */
const keysKeptMs = 10 * 60_000
const clockToleranceSeconds = 30
/** Asymmetric ones alone: no issuer shares a secret with Vesemir. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'EdDSA']

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url() })

/**
 * Makes what verifies ID tokens by the keys that their issuer publishes. Only issuers that the settings name are asked.
 * @throws {VesemirError} `ID_TOKEN_REFUSED`, `PROVIDER_FAILED`
 */
export function createVerifyIdToken(clock: Pick<Clock, 'now'>): VerifyIdToken {
  const keySets = new Map<string, JWTVerifyGetKey>()
  const keysOf = async (issuer: string) => {
    const keys = keySets.get(issuer) ?? (await discoverKeys(issuer))
    keySets.set(issuer, keys)
    return keys
  }
  return async (token, { issuer, audiences }) => {
    try {
      const { payload } = await jwtVerify(token, await keysOf(issuer), {
        issuer,
        audience: audiences,
        algorithms,
        requiredClaims: ['sub', 'exp', 'iat'],
        currentDate: new Date(clock.now()),
        clockTolerance: clockToleranceSeconds,
      })
      return payload
    } catch (error) {
      throw toVesemirError(error, issuer)
    }
  }
}

/** Returns who a token says it is from, unverified: it picks the keys that prove it. */
export function claimedIssuer(token: string): string | undefined {
  try {
    return decodeJwt(token).iss
  } catch {
    return undefined
  }
}

async function discoverKeys(issuer: string): Promise<JWTVerifyGetKey> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const answer = await fetch(address, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) })
  const discovery = Discovery.parse(await answer.json())
  // OpenID Connect Discovery, 4.3
  if (discovery.issuer !== issuer) throw new Error(`${address} is of ${discovery.issuer}`)
  const keys = new URL(discovery.jwks_uri)
  if (keys.protocol !== 'https:' && issuer.startsWith('https:')) throw new Error(`${keys.href} is not https:`)
  return createRemoteJWKSet(keys, { timeoutDuration: timeoutMs, cacheMaxAge: keysKeptMs })
}

function toVesemirError(cause: unknown, issuer: string): VesemirError {
  const isAbsent = cause instanceof errors.JWKSTimeout || !(cause instanceof errors.JOSEError)
  if (isAbsent) return new VesemirError('PROVIDER_FAILED', `the keys of ${issuer} cannot be read`, { cause })
  return new VesemirError('ID_TOKEN_REFUSED', `the ID token of ${issuer} is not valid: ${cause.message}`, { cause })
}
