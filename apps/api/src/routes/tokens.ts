import { durationMs, type ApiToken, type ApiTokenRequest } from '@vesemir/contract'
import { findGrant, grantWithin, describeGrant, VesemirError, type Clock } from '@vesemir/core'
import type { ApiTokens, StoredToken } from '@vesemir/store/credential'
import type { SignedOutSessions } from '@vesemir/store/session'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Access } from '../access-settings.ts'
import { json, noteForAudit } from '../audit.ts'
import { keyOfApiToken } from '../identity.ts'
import { registerRoute } from '../register-route.ts'

interface TokenPorts {
  access: Pick<Access, 'heldGrants'>
  apiTokens: ApiTokens | undefined
  signedOut: Pick<SignedOutSessions, 'add'>
  clock: Pick<Clock, 'now'>
}

const mostTokensOfOne = 100
const longestMs = durationMs('366d')

/** Adds the tokens that people make for their programs, and the grants of the settings. */
export function registerTokens(app: FastifyInstance, { access, apiTokens, signedOut, clock }: TokenPorts): void {
  const kept = () => {
    if (apiTokens) return apiTokens
    throw new VesemirError('TOKENS_UNAVAILABLE', 'the API has no cookieSecret, which protects the tokens that it keeps')
  }
  const listVisible = async (request: FastifyRequest) => (await kept().list()).filter(isVisibleTo(request))
  registerRoute(app, 'createToken', {
    access: 'signed-in',
    async handle({ request, body }) {
      const { principal: owner } = request.identity
      refuseTooMuch(request, body)
      refuseDuplicate(await listVisible(request), { owner: owner.name, name: body.name })
      const { name, grants, expiresIn } = body
      const created = await kept().create({ name, owner, grants, expiresMs: clock.now() + durationMs(expiresIn) })
      noteForAudit(request, { after: json(toApiToken(created)) })
      return { ...toApiToken(created), token: created.token }
    },
  })
  registerRoute(app, 'listGrants', {
    access: () => [
      {
        action: 'manage-tokens',
        subject: {},
        unseen: () => new VesemirError('FORBIDDEN', 'only an admin of everything may list grants'),
      },
    ],
    handle: async () => ({ grants: [...access.heldGrants] }),
  })
  registerRoute(app, 'listTokens', {
    access: 'signed-in',
    handle: async ({ request }) => ({ tokens: (await listVisible(request)).map(toApiToken) }),
  })
  registerRoute(app, 'revokeToken', {
    access: 'signed-in',
    async handle({ request, params }) {
      const token = await kept().find(params.token)
      if (!token || !isVisibleTo(request)(token))
        throw new VesemirError('TOKEN_UNKNOWN', `token ${params.token} not found`)
      noteForAudit(request, { before: json(toApiToken(token)) })
      await kept().revoke(token.id)
      await signedOut.add(keyOfApiToken(token.id), token.expiresMs - clock.now())
      return undefined
    },
  })
}

/** People see their own tokens, admins of everything those of all, and a token itself: it may do less than its owner. */
function isVisibleTo({ identity, caller }: FastifyRequest): (token: StoredToken) => boolean {
  const { key, principal } = identity
  if (findGrant(caller.grants, 'manage-tokens', {})) return () => true
  if (caller.token !== undefined) return ({ id }) => key === keyOfApiToken(id)
  return ({ owner }) => owner.kind === principal.kind && owner.name === principal.name
}

function refuseTooMuch({ caller }: FastifyRequest, { grants, expiresIn }: ApiTokenRequest): void {
  // Whoever has stolen a token could otherwise keep what it opens.
  if (caller.token !== undefined) throw new VesemirError('FORBIDDEN', `${caller.name}, a token may not create tokens`)
  const beyond = grants.find((grant) => !grantWithin(grant, caller.grants))
  if (beyond) {
    const message = `${caller.name}, a token may do no more than you: none of your grants covers ${describeGrant(beyond)}`
    throw new VesemirError('FORBIDDEN', message)
  }
  if (durationMs(expiresIn) > longestMs || durationMs(expiresIn) === 0) {
    const message = `"${expiresIn}" is not a time from 1s to 366d`
    const details = { errors: [{ field: 'expiresIn', message }] }
    throw new VesemirError('REQUEST_INVALID', `the body of the request is not valid: expiresIn: ${message}`, {
      details,
    })
  }
}

function refuseDuplicate(tokens: readonly StoredToken[], { owner, name }: { owner: string; name: string }): void {
  const own = tokens.filter((token) => token.owner.name === owner)
  if (own.some((token) => token.name === name))
    throw new VesemirError('TOKEN_REFUSED', `${owner} has a token ${name} already`)
  if (own.length >= mostTokensOfOne)
    throw new VesemirError('TOKEN_REFUSED', `${owner} has ${own.length} tokens, the most that one owner may have`)
}

function toApiToken(token: StoredToken & { lastUsedMs?: number | undefined }): ApiToken {
  const { id, name, owner, grants, createdMs, expiresMs, lastUsedMs } = token
  return {
    id,
    name,
    owner: owner.name,
    grants,
    createdAt: new Date(createdMs).toISOString(),
    expiresAt: new Date(expiresMs).toISOString(),
    ...(lastUsedMs === undefined ? {} : { lastUsedAt: new Date(lastUsedMs).toISOString() }),
  }
}
