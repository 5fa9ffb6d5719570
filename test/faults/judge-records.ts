import type { DeploymentView } from '@vesemir/contract'
import type { Fleet } from '../../infra/fleet/fleet.ts'
import { untruths } from '../support/untruths.ts'

interface Versions {
  /** What the hosts ran before the deployment. */
  before: string
  lostBoxes: readonly string[]
}

/** Says in words where the record of an ended deployment differs from what the boxes show and from what the hosts answer. */
export async function judgeRecords(
  fleet: Fleet,
  view: DeploymentView,
  { before, lostBoxes }: Versions,
): Promise<string[]> {
  const ofTraffic = await untruths(fleet, view, { lostBoxes })
  const ofVersions = await Promise.all(
    view.hosts.map(async ({ target, state }) => {
      const wanted = { succeeded: view.deployment.spec.version, pending: before, 'rolled-back': before }
      const recorded = wanted[state.status as keyof typeof wanted]
      if (recorded === undefined) return []
      const answered = await versionOf(fleet, target.name)
      return answered === recorded ? [] : [`${target.name} is ${state.status} by its record, and answers ${answered}`]
    }),
  )
  return [...ofTraffic, ...ofVersions.flat()]
}

/** Asks a host itself which version it runs. */
async function versionOf(fleet: Fleet, host: string): Promise<string> {
  const { address } = fleet.hosts.find(({ name }) => name === host)!
  try {
    const answer = await fetch(`http://${address}:${fleet.appPort}/`, { signal: AbortSignal.timeout(3_000) })
    await answer.text()
    return answer.headers.get('x-version') ?? `status ${answer.status}`
  } catch (error) {
    return String(error)
  }
}
