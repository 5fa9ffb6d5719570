import type { Deployment } from '@vesemir/contract'
import {
  neededToGoBack,
  type DeploymentIndex,
  type HostHistory,
  type Retention,
  type TrafficJournal,
} from '@vesemir/core'

interface NeedsOptions {
  deploymentIndex: Pick<DeploymentIndex, 'list'>
  hostHistory: Pick<HostHistory, 'listInUse'>
  journals: readonly Pick<TrafficJournal, 'list'>[]
  retention: Pick<Retention, 'keepLast' | 'keepAtMost'>
}

/** What is known of an application's environment. */
interface Place {
  /** Deployments that something needs. */
  needed: ReadonlySet<string>
  /** Whether there are `keepAtMost` newer ones. */
  isBeyondCount: (deployment: Deployment) => boolean
}

interface Needs {
  /** Looks at an application's environment once. */
  of(deployment: Deployment): Promise<Place>
}

/** Among so many that have succeeded, another version than the last is looked for. */
const successesRead = 50

/** Finds out, once for each application's environment, which of its deployments something needs, and which are too many. */
export function createNeeds({ deploymentIndex, hostHistory, journals, retention }: NeedsOptions): Needs {
  const known = new Map<string, Promise<Place>>()
  const { keepLast, keepAtMost } = retention
  const find = async ({ application, environment }: Deployment['spec']): Promise<Place> => {
    const place = { application, environment }
    const [newest, succeeded, inUse, outOfRotation] = await Promise.all([
      deploymentIndex.list({ ...place, limit: keepAtMost ?? keepLast }),
      deploymentIndex.list({ ...place, status: 'succeeded', limit: successesRead }),
      hostHistory.listInUse(application),
      Promise.all(journals.map((journal) => journal.list())),
    ])
    const ids = [
      newest.deployments.slice(0, keepLast).map(({ id }) => id),
      neededToGoBack(succeeded.deployments),
      inUse,
      outOfRotation.flat().map(({ deploymentId }) => deploymentId),
    ]
    const counted = new Set(newest.deployments.map(({ id }) => id))
    const isBeyondCount = ({ id }: Deployment) => keepAtMost !== undefined && !counted.has(id)
    return { needed: new Set(ids.flat()), isBeyondCount }
  }
  return {
    of({ spec }) {
      const place = `${spec.application}/${spec.environment}`
      const found = known.get(place) ?? find(spec)
      known.set(place, found)
      return found
    },
  }
}
