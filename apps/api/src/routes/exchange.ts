import { isVesemirError, VesemirError } from '@vesemir/core'
import type { FastifyInstance } from 'fastify'
import { noteForAudit } from '../audit.ts'
import { exchangeIdToken, type ExchangePorts } from '../ci/exchange.ts'
import type { FailureLimit } from '../failure-limit.ts'
import { registerRoute } from '../register-route.ts'

interface Ports extends Omit<ExchangePorts, 'apiTokens'> {
  apiTokens: ExchangePorts['apiTokens'] | undefined
  failures: FailureLimit
}

/** Adds the exchange of a CI job's ID token for a token (RFC 8693), which is open to all: the ID token says who asks. */
export function registerExchange(app: FastifyInstance, { apiTokens, failures, ...ports }: Ports): void {
  registerRoute(app, 'exchangeToken', {
    access: 'open',
    async handle({ body: { subject_token: idToken }, request }) {
      if (!apiTokens) throw new VesemirError('TOKENS_UNAVAILABLE', 'the API has no cookieSecret')
      try {
        const { token, rule, expiresInMs } = await exchangeIdToken(idToken, { ...ports, apiTokens })
        request.log.info({ rule }, 'CI signed in')
        noteForAudit(request, { who: rule })
        return {
          access_token: token,
          issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          token_type: 'Bearer',
          expires_in: Math.floor(expiresInMs / 1000),
        } as const
      } catch (error) {
        if (isVesemirError(error, 'ID_TOKEN_REFUSED')) await failures.count(request, idToken)
        throw error
      }
    },
  })
}
