import { hash } from 'node:crypto'
import rateLimit, { normalizeIP } from '@fastify/rate-limit'
import { VesemirError } from '@vesemir/core'
import type { RedisClient } from '@vesemir/store/redis'
import type { FastifyInstance, FastifyRequest } from 'fastify'

const windowMs = 60_000
/** One wrong credential may be sent this often from an address within the window: somebody has the wrong one. */
const sameCredential = 10
/** And this many wrong ones of all kinds: a whole office may be behind the address. */
const allCredentials = 100
/** What is open to all and asks an identity provider may be asked for this often; a program that waits asks every five seconds. */
const openRequests = 300

export interface FailureLimit {
  /**
   * Counts a credential that was wrong. Whoever has a right one is never counted, and never refused.
   * @throws {VesemirError} `SIGN_IN_LIMITED` when the address has sent too many lately
   */
  count(request: FastifyRequest, credential: string): Promise<void>
  /** Counts a request that no credential comes with. Throws as `count`. */
  countOpen(request: FastifyRequest): Promise<void>
}

/** Limits wrong credentials by address, for all API processes with the same Redis. */
export async function createFailureLimit(
  app: FastifyInstance,
  { redis, prefix }: { redis: RedisClient; prefix: string },
): Promise<FailureLimit> {
  await app.register(rateLimit, { global: false, redis, nameSpace: `${prefix}:failures:` })
  const credentials = new WeakMap<FastifyRequest, string>()
  const addressOf = (request: FastifyRequest) => normalizeIP(request.ip)
  const countSame = app.createRateLimit({
    max: sameCredential,
    timeWindow: windowMs,
    keyGenerator: (request) => `${addressOf(request)}:${credentials.get(request)}`,
  })
  const countAll = app.createRateLimit({ max: allCredentials, timeWindow: windowMs, keyGenerator: addressOf })
  const countOpen = app.createRateLimit({
    max: openRequests,
    timeWindow: windowMs,
    keyGenerator: (request) => `open:${addressOf(request)}`,
  })
  return {
    async count(request, credential) {
      credentials.set(request, idOf(credential))
      for (const limit of await Promise.all([countSame(request), countAll(request)]))
        refuseExceeded(limit, (max) => `${request.ip} sent more than ${max} wrong credentials within a minute`)
    },
    async countOpen(request) {
      refuseExceeded(
        await countOpen(request),
        (max) => `${request.ip} asked for more than ${max} sign-ins within a minute`,
      )
    },
  }
}

/** @throws {VesemirError} `SIGN_IN_LIMITED` */
function refuseExceeded(
  limit: Awaited<ReturnType<ReturnType<FastifyInstance['createRateLimit']>>>,
  describe: (max: number) => string,
): void {
  if (limit.isAllowed || !limit.isExceeded) return
  const { max, ttlInSeconds: retryAfterSeconds } = limit
  const message = `${describe(max)}: wait ${retryAfterSeconds} s`
  throw new VesemirError('SIGN_IN_LIMITED', message, { details: { retryAfterSeconds } })
}

/** What tells a credential from others: the part of a token that is not secret, else a piece of its hash. */
function idOf(credential: string): string {
  const [, id] = /^vsm_([\w-]{12})_/.exec(credential) ?? []
  return id ?? hash('sha256', credential).slice(0, 12)
}
