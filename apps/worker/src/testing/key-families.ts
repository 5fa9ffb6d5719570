export const everyKey = 'apps/worker/src/every-key.security.test.ts'
const putBack = 'apps/api/src/put-back.security.test.ts'
const tokens = 'apps/api/src/tokens.security.test.ts'
const seeded = 'apps/api/src/seeded-values.security.test.ts'
const incomplete = 'apps/worker/src/incomplete-record.security.test.ts'

/**
 * Every kind of key that is written to Redis, as the source names it, and the test in which a stranger tries to get something by it; or,
 * for what steers nothing, what changing it comes to.
 */
export const keyFamilies: Record<string, string> = {
  '${prefix}:deployment:${id}': everyKey,
  '${record(id)}:events': incomplete,
  '${record(id)}:log': 'output is shown, and steers nothing',
  '${record(id)}:commands': 'a channel: whoever hears it reads the record',
  '${record(id)}:ends': 'a channel: whoever hears it reads the record',
  '${prefix}:changes': 'a channel: whoever hears it reads the record',
  '${prefix}:applications': putBack,
  '${prefix}:applications:list': putBack,
  '${prefix}:plan:${id}': putBack,
  '${prefix}:deployments': everyKey,
  '${prefix}:deployments:active': everyKey,
  '${prefix}:deployments:last': everyKey,
  '${prefix}:deployments:removed':
    'says that a deployment was deleted after its retention time, in place of that there is none',
  '${prefix}:deployments:${field}:${value}': everyKey,
  '${prefix}:listing': everyKey,
  '${prefix}:listing:${field}': everyKey,
  '${prefix}:listing:${field}:${value}': everyKey,
  '${prefix}:listing:term:${kind}:${value}': everyKey,
  '${prefix}:listing:frequent:${kind}:${value}':
    'says of a term that many deployments have what `term` says of others: which of them a search finds',
  '${prefix}:listing:noted:${terms}': everyKey,
  '${prefix}:plans:last': 'a number that is taken is not overwritten: plans are signed with theirs',
  '${prefix}:idempotency:${requestedBy}:${key}': everyKey,
  '${prefix}:turns:${application}:${environment}': everyKey,
  '${prefix}:current:${application}': everyKey,
  '${prefix}:locks': seeded,
  '${prefix}:converge-rounds':
    'when a schedule had its last round: who changes it has the next sooner or later, which does no more than a signed definition says',
  '${prefix}:ready': 'is written to see whether Redis takes writes, and never read',
  '${prefix}:releases:${application}': everyKey,
  '${prefix}:releases:${application}:said': 'what a host says is shown, and steers nothing',
  '${prefix}:releases:${application}:traffic': everyKey,
  '${prefix}:releases:${application}:begun': everyKey,
  '${prefix}:wanted:${application}': putBack,
  '${prefix}:wanted:${application}:hosts': 'what hosts should run is shown, and steers nothing',
  '${prefix}:durations:${application}:${environment}': everyKey,
  '${prefix}:statistics': 'how often deployments fail and how long they take is shown, and steers nothing',
  '${prefix}:statistics:${application}:${environment}': 'the same',
  '${prefix}:epoch': 'packages/store/src/epoch/epoch.integration.test.ts',
  '${prefix}:epoch:restored': 'packages/store/src/epoch/epoch.integration.test.ts',
  '${prefix}:queue': 'apps/worker/src/seeded-jobs.security.test.ts',
  '${prefix}:lock:${name}': 'a short mutual exclusion: who takes it holds others up',
  '${prefix}:owners:${scope}': 'packages/store/src/owner/invalid-owners.security.test.ts',
  '${prefix}:out-of-rotation:${cluster}': 'apps/worker/src/stranger.security.test.ts',
  '${prefix}:left-out:${cluster}': 'apps/worker/src/stranger.security.test.ts',
  '${prefix}:held-by-person:${cluster}': 'a server that a person has put back: Vesemir leaves it alone',
  '${prefix}:audit': 'packages/store/src/audit/audit-log.integration.test.ts',
  '${prefix}:api-token': putBack,
  '${prefix}:api-tokens': putBack,
  '${prefix}:api-token-used:${id}': 'when a token was used last is shown, and steers nothing',
  '${prefix}:person-session': putBack,
  '${prefix}:person-groups': putBack,
  '${prefix}:person-session-check:${id}': 'who asks the provider next: another process waits a minute at most',
  '${prefix}:${id}': tokens,
  '${prefix}-list:${part}': putBack,
  '${prefix}:schema': 'packages/store/src/schema/prepare-schema.integration.test.ts',
  '${prefix}:signed-out:${id}': putBack,
  '${prefix}:workers': 'what workers say of themselves is shown',
  '${prefix}:workers:drained': 'a drained worker takes no jobs: others do',
}

/** Returns whether a key is of a family. */
export function isOfFamily(key: string, { family, prefix }: { family: string; prefix: string }): boolean {
  const record = `${prefix}:deployment:[^:]+`
  const pattern = family
    .replace('${record(id)}', record)
    .replace('${prefix}', prefix)
    .replaceAll(/\$\{\w+\}/g, '[^:]+')
  return new RegExp(`^${pattern}$`).test(key)
}
