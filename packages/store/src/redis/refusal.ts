import { ReplyError } from 'ioredis'

/** Why Redis carries out nothing, or nothing that writes, by the first word of its answer. */
const reasons: Record<string, string> = {
  OOM: 'has no memory left (maxmemory)',
  MISCONF: 'cannot save its data on disk, and takes no writes until it can',
  NOREPLICAS: 'has too few replicas (min-replicas-to-write), and takes no writes until it has',
  READONLY: 'is a replica, which takes no writes',
  LOADING: 'is loading its data',
  MASTERDOWN: 'is a replica that has lost its master',
  CLUSTERDOWN: 'is a cluster that is down',
  CROSSSLOT: 'is a cluster, and the prefix of the keys is no hash tag such as {vesemir}',
  MOVED: 'is a cluster, which this connection cannot use',
  NOAUTH: 'wants a password',
  WRONGPASS: 'does not know this user or password',
  NOPERM: 'does not let its user do this (docs/security.md has the least that it needs)',
}

/** Returns in words why Redis, which answers, does not do what it is asked; nothing for any other error. */
export function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof ReplyError)) return undefined
  const [word = ''] = (error as Error).message.split(' ', 1)
  return Object.hasOwn(reasons, word) ? reasons[word] : undefined
}
