import type { DeploymentView } from '@vesemir/contract'
import type { Fleet } from '../../../infra/fleet/fleet.ts'
import { untruths } from '../../support/untruths.ts'
import { readFleet, type FleetShot } from '../read-fleet.ts'

interface Surroundings {
  /** What the hosts ran before the deployment. */
  before: FleetShot
  lostBoxes?: readonly string[]
  /** Hosts whose servers are what a person wants them to be. */
  setByHand?: readonly string[]
}

/** Says in words where the record of an ended deployment differs from what the boxes show and from what the hosts answer. */
export async function judgeRecords(
  fleet: Fleet,
  view: DeploymentView,
  { before, lostBoxes = [], setByHand = [] }: Surroundings,
): Promise<string[]> {
  const { application, version } = view.deployment.spec
  const now = await readFleet(fleet)
  const ofVersions = view.hosts.flatMap(({ target: { name }, state: { status } }) => {
    const old = before.versions.get(application)?.get(name)
    const recorded = { succeeded: version, pending: old, 'rolled-back': old }[status as string]
    const answered = now.versions.get(application)?.get(name)
    if (recorded === undefined || recorded === answered) return []
    return [`${view.deployment.id}: ${name} is ${status} by its record, and answers ${answered}, not ${recorded}`]
  })
  return [...(await untruths(fleet, view, { lostBoxes, except: setByHand })), ...ofVersions]
}
