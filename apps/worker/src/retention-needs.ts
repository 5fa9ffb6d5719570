import type { Deployment, DeploymentRef } from '@vesemir/contract'
import { isUnreliable, type OnInvalid } from '@vesemir/store/redis'
import {
  deploymentsSince,
  neededToGoBack,
  type ApplicationEnvironment,
  type DeploymentIndex,
  type Deployments,
  type HostHistory,
  type Retention,
  type TrafficJournal,
} from '@vesemir/core'

interface NeedsOptions {
  deploymentIndex: Pick<DeploymentIndex, 'list'>
  deployments: Pick<Deployments, 'read'>
  hostHistory: Pick<HostHistory, 'listInUse' | 'readWanted'>
  journals: readonly Pick<TrafficJournal, 'list'>[]
  retention: Pick<Retention, 'keepLast' | 'keepAtMost'>
  onInvalid: OnInvalid
}

/** What is known of an application's environment. */
interface Place {
  /** Deployments that something needs. */
  needed: ReadonlySet<string>
  /** Whether there are `keepAtMost` newer ones. */
  isBeyondCount: (deployment: Deployment) => boolean
}

interface Needs {
  /** Looks at an application's environment once. Undefined where something cannot be read that says what is needed: all of it is. */
  of(deployment: Deployment): Promise<Place | undefined>
}

/** So many that have succeeded are read at a time, and so often at most, to find another version than the last: 20,000. */
const [successesAtOnce, mostReads] = [200, 100]

/** So many deployments are kept that came after the one of what should run, or the last that converged to it. */
const mostSince = 50

/** Finds out, once for each application's environment, which of its deployments something needs, and which are too many. */
export function createNeeds(options: NeedsOptions): Needs {
  const { deploymentIndex, deployments, hostHistory, journals, retention, onInvalid } = options
  const known = new Map<string, Promise<Place | undefined>>()
  const { keepLast, keepAtMost } = retention
  const find = async ({ application, environment }: Deployment['spec']): Promise<Place> => {
    const place = { application, environment }
    const [newest, wayBack, { wanted, current }, inUse, outOfRotation] = await Promise.all([
      deploymentIndex.list({ ...place, limit: keepAtMost ?? keepLast }),
      findWayBack(deploymentIndex, place),
      hostHistory.readWanted(place),
      hostHistory.listInUse(application),
      Promise.all(journals.map((journal) => journal.list())),
    ])
    const ids = [
      newest.deployments.slice(0, keepLast).map(({ id }) => id),
      wayBack,
      // Where it failed before a host took its release, nothing else says that people may still retry it or roll it back.
      current ? [current.id] : [],
      wanted ? await listSince(wanted.deployment, { current, deployments }) : [],
      inUse,
      outOfRotation.flat().map(({ deploymentId }) => deploymentId),
    ]
    const counted = new Set(newest.deployments.map(({ id }) => id))
    const isBeyondCount = ({ id }: Deployment) => keepAtMost !== undefined && !counted.has(id)
    return { needed: new Set(ids.flat()), isBeyondCount }
  }
  const stay = (error: unknown) => {
    if (!isUnreliable(error)) throw error
    onInvalid(error)
    return undefined
  }
  return {
    of({ spec }) {
      const place = `${spec.application}/${spec.environment}`
      const found = known.get(place) ?? find(spec).catch(stay)
      known.set(place, found)
      return found
    },
  }
}

/**
 * Lists what has come since the deployment of what should run, or the last that converged to it: that none of it replaced that is
 * known by their records. Of more than these, a person decides what should run.
 */
async function listSince(
  id: string,
  { current, deployments }: { current: DeploymentRef | undefined; deployments: NeedsOptions['deployments'] },
): Promise<string[]> {
  const [made, last] = await Promise.all([deployments.read(id), current && deployments.read(current.id)])
  const ids: string[] = []
  if (made)
    for await (const since of deploymentsSince(made, { current: last, deployments })) {
      ids.push(since.id)
      if (ids.length === mostSince) break
    }
  return ids
}

/** Finds the last that succeeded and the last of another version, however often the last one was deployed again, as by converging. */
async function findWayBack(
  deploymentIndex: NeedsOptions['deploymentIndex'],
  place: ApplicationEnvironment,
): Promise<string[]> {
  let last: Deployment | undefined
  let before: string | undefined
  for (let reads = 0; reads < mostReads; reads += 1) {
    const page = await deploymentIndex.list({ ...place, status: 'succeeded', limit: successesAtOnce, before })
    last ??= page.deployments[0]
    const needed = neededToGoBack(last ? [last, ...page.deployments] : [])
    if (needed.length === 2 || page.next === undefined) return needed
    before = page.next
  }
  return last ? [last.id] : []
}
