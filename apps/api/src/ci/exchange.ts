import { durationMs } from '@vesemir/contract'
import { matchesPattern, VesemirError, type Clock } from '@vesemir/core'
import type { ApiTokens } from '@vesemir/store/credential'
import type { Access } from '../access-settings.ts'
import type { CiRule } from '../config.ts'
import { claimedIssuer, type VerifyIdToken } from './id-token.ts'

export interface ExchangePorts {
  access: Pick<Access, 'ciRules'>
  apiTokens: Pick<ApiTokens, 'create'>
  verify: VerifyIdToken
  clock: Pick<Clock, 'now'>
}

export interface Exchanged {
  token: string
  /** The name of the rule. */
  rule: string
  expiresInMs: number
}

/**
 * Exchanges the ID token of a CI job for a token that may do what the first rule says whose claims it has, for a short time.
 * @throws {VesemirError} `ID_TOKEN_REFUSED`, `PROVIDER_FAILED`
 */
export async function exchangeIdToken(
  idToken: string,
  { access, apiTokens, verify, clock }: ExchangePorts,
): Promise<Exchanged> {
  const issuer = claimedIssuer(idToken)
  const rules = Object.entries(access.ciRules).filter(([, rule]) => rule.issuer === issuer)
  if (issuer === undefined || rules.length === 0)
    throw new VesemirError(
      'ID_TOKEN_REFUSED',
      `no rule for CI is about the issuer ${issuer ?? 'that the ID token lacks'}`,
    )
  const claims = await verify(idToken, { issuer, audiences: rules.map(([, rule]) => rule.audience) })
  const found = rules.find(([, rule]) => fulfils(claims, rule))
  if (!found) throw new VesemirError('ID_TOKEN_REFUSED', `no rule for CI matches the claims of ${claims.sub}`)
  const [rule, { grants, expiresIn }] = found
  const expiresInMs = durationMs(expiresIn)
  const owner = { kind: 'ci' as const, name: rule }
  const { token } = await apiTokens.create({ name: rule, owner, grants, expiresMs: clock.now() + expiresInMs })
  return { token, rule, expiresInMs }
}

function fulfils(payload: Readonly<Record<string, unknown>>, { audience, claims }: CiRule): boolean {
  const isForIt = [payload['aud']].flat().includes(audience)
  return isForIt && Object.entries(claims).every(([name, patterns]) => isOneOf(patterns, payload[name]))
}

/** Claims are texts, numbers or flags: a rule writes all of them as text. */
function isOneOf(patterns: readonly string[], claim: unknown): boolean {
  if (typeof claim !== 'string' && typeof claim !== 'number' && typeof claim !== 'boolean') return false
  return patterns.some((pattern) => matchesPattern(pattern, String(claim)))
}
