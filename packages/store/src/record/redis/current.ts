import { DeploymentRef, type Deployment } from '@vesemir/contract'
import { applyDeploymentFact, type ApplicationEnvironment } from '@vesemir/core'
import { readJson } from '../../redis/read-json.ts'
import { amend } from './amend.ts'
import { numberOf } from './deployment-number.ts'
import type { Keys } from './keys.ts'
import { walkDeployments } from './list-deployments.ts'
import type { Store } from './store.ts'
import type { AlsoWritten } from './numbered-appends.ts'

/** What follows from a deployment's taking machines: it is the current one of its environment. */
export function currentChange(keys: Keys, { id, spec }: Deployment): AlsoWritten {
  const ref: DeploymentRef = { id, version: spec.version }
  return { key: keys.current(spec.application), field: spec.environment, value: JSON.stringify(ref) }
}

/** Reads which deployment had the machines of an environment last. */
export async function readCurrent(
  { redis, keys }: Store,
  { application, environment }: ApplicationEnvironment,
): Promise<DeploymentRef | undefined> {
  const json = await redis.hget(keys.current(application), environment)
  return json === null
    ? undefined
    : readJson(DeploymentRef, json, `the current deployment of ${application} in ${environment}`)
}

/**
 * Notes in the record of each deployment that a deployment superseded that it did: of the one whose place it took, and of those
 * in between, which have never had a machine. Nothing happens where it has been done, nor once another is current.
 */
export async function supersede(store: Store, { id, spec, supersedes }: Deployment): Promise<void> {
  if ((await readCurrent(store, spec))?.id !== id) return
  const { application, environment, version } = spec
  const before = supersedes === undefined ? 0 : numberOf(supersedes)
  const past = supersedes === undefined ? [] : [supersedes]
  for await (const earlier of walkDeployments(store, { application, environment, before: id })) {
    if (numberOf(earlier.id) <= before) break
    if (!earlier.supersededBy) past.push(earlier.id)
  }
  for (const each of past) await noteSuperseded(store, each, { id, version })
}

async function noteSuperseded(store: Store, id: string, by: DeploymentRef): Promise<void> {
  await amend(store, id, async (deployment, at) => {
    if (deployment.supersededBy) return undefined
    // Read after the deployment: a worker that stood still must not put down what has gone on since.
    if ((await readCurrent(store, deployment.spec))?.id !== by.id) return undefined
    const fact = { type: 'deployment.superseded' as const, by: by.id, version: by.version }
    return { event: { ...fact, at }, after: applyDeploymentFact(deployment, fact, at) }
  })
}
