import { setTimeout } from 'node:timers/promises'
import { judgeEnd, waitForEnd } from '../end-deployment.ts'
import type { Random } from '../random.ts'
import { neighbour } from '../start-bench.ts'
import { startDeployment } from '../start-deployment.ts'
import type { Course, Trial } from '../trial.ts'

interface Neighbours {
  /** Whether both applications stand in one backend; else each has its own. */
  sharesBackend: boolean
  /** How long after the first one the second is deployed. */
  apartMs: number
}

/** Half of the fleet, so that what waits for the other one does not wait long. */
const share = 1 / 2

export function planTwoApplications({
  index,
  random,
  hosts,
}: {
  index: number
  random: Random
  hosts: number
}): Course {
  return twoApplications({ sharesBackend: index % 2 === 0, apartMs: random.between(0, 1_500) }, { hosts })
}

/** Two applications are deployed to the same machines at once. */
export function twoApplications(wanted: Neighbours, { hosts }: { hosts: number }): Course {
  const minHealthy = Math.floor((hosts * 2) / 3)
  return {
    what: `two applications with ${wanted.sharesBackend ? 'one backend' : 'a backend each'}, ${wanted.apartMs} ms apart`,
    costsRequests: false,
    minHealthy,
    // Where both stand in the one backend, nobody drains the other: its requests would be lost.
    involvesNeighbours: !wanted.sharesBackend,
    run: (trial) => deployBoth(trial, { ...wanted, minHealthy, hosts }),
  }
}

async function deployBoth(
  trial: Trial,
  { sharesBackend, apartMs, minHealthy, hosts }: Neighbours & { minHealthy: number; hosts: number },
): Promise<void> {
  const { system, version } = trial
  const only = system.fleet.hosts.slice(0, Math.ceil(hosts * share)).map(({ name }) => name)
  const common = { version: `${version}.0`, concurrency: hosts - minHealthy, minHealthy, only }
  const backends = [sharesBackend ? system.fleet.application : neighbour]
  const ids = [await startDeployment(system, common)]
  await setTimeout(apartMs)
  ids.push(await startDeployment(system, { ...common, application: neighbour, loadBalancer: { backends } }))
  trial.deployments.push(...ids)
  for (const view of await Promise.all(ids.map((id) => waitForEnd(trial, id)))) {
    await judgeEnd(trial, view)
    const { state, spec } = view.deployment
    if (state.status !== 'succeeded') trial.findings.unexpected.push(`${spec.application} has ${state.status}`)
  }
}
