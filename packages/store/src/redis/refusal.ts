import { VesemirError, type ErrorCode } from '@vesemir/core'
import { ReplyError } from 'ioredis'

/** Why Redis carries out nothing, or nothing that writes, by the first word of its answer. */
const refusals: Record<string, [code: ErrorCode, reason: string]> = {
  OOM: ['REDIS_OUT_OF_MEMORY', 'has no memory left (maxmemory)'],
  MISCONF: ['REDIS_CANNOT_SAVE', 'cannot save its data on disk, and takes no writes until it can'],
  NOREPLICAS: [
    'REDIS_LACKS_REPLICAS',
    'has too few replicas (min-replicas-to-write), and takes no writes until it has',
  ],
  READONLY: ['REDIS_IS_REPLICA', 'is a replica, which takes no writes'],
  MASTERDOWN: ['REDIS_IS_REPLICA', 'is a replica that has lost its master'],
  LOADING: ['REDIS_LOADING', 'is loading its data'],
  CLUSTERDOWN: ['REDIS_REFUSES', 'is a cluster of which nodes are down'],
  CROSSSLOT: ['REDIS_REFUSES', 'is a cluster: name its nodes in the setting redis.nodes'],
  MOVED: ['REDIS_REFUSES', 'is a cluster: name its nodes in the setting redis.nodes'],
  ASK: ['REDIS_REFUSES', 'is a cluster: name its nodes in the setting redis.nodes'],
  TRYAGAIN: ['REDIS_REFUSES', 'is a cluster that is moving slots'],
  NOAUTH: ['REDIS_SIGN_IN_FAILED', 'wants a password'],
  WRONGPASS: ['REDIS_SIGN_IN_FAILED', 'does not know this user or password'],
  NOPERM: ['REDIS_FORBIDS', 'does not let its user do this (docs/security.md has the least that it needs)'],
}

/** Returns why Redis, which answers, does not do what it is asked; nothing for any other error. */
export function refusalOf(error: unknown): VesemirError | undefined {
  if (!(error instanceof Error)) return undefined
  const [word = ''] = answerOf(error).split(' ', 1)
  if (!Object.hasOwn(refusals, word)) return undefined
  const [code, reason] = refusals[word]!
  return new VesemirError(code, `Redis ${reason}`, { cause: error })
}

/** A command to a Redis Cluster that was refused for too long fails with an error of ioredis, which ends with the last one. */
function answerOf(error: Error): string {
  if (error instanceof ReplyError) return error.message
  const [, lastError] = /^Too many Cluster redirections\. Last error: (.*)$/.exec(error.message) ?? []
  // Without an answer, the node of these keys was lost and has no successor yet.
  return lastError?.replace(/^ReplyError: /, '').replace(/^Error: .*/, 'CLUSTERDOWN') ?? ''
}
