import type { Questions } from '@vesemir/store/queue'
import type { BalancerFinding } from '@vesemir/contract'
import { randomUUID } from 'node:crypto'
import {
  findLeftServers,
  putBackServers,
  type Clock,
  type Deployments,
  type JournalEntry,
  type LoadBalancer,
  type Owners,
  type TrafficJournal,
} from '@vesemir/core'

interface BalancersDeps {
  deployments: Deployments
  ports: { loadBalancer: LoadBalancer; journal: TrafficJournal; owners: Owners; clock: Clock }
  cluster: string
}

/** Answers which servers Vesemir left out of rotation, deployment by deployment, and puts them back when told to. */
export async function answerBalancers(
  { application, environment, fix }: Questions['balancers']['asked'],
  { deployments, ports, cluster }: BalancersDeps,
  signal: AbortSignal,
): Promise<Questions['balancers']['answer']> {
  const servers: BalancerFinding[] = []
  const doctor = `lb doctor ${randomUUID()}`
  for (const [id, entries] of byDeployment(await ports.journal.list())) {
    const view = await deployments.readView(id)
    if (!view || view.deployment.spec.cluster !== cluster) continue
    const { spec } = view.deployment
    if (application !== undefined && spec.application !== application) continue
    if (environment !== undefined && spec.environment !== environment) continue
    const left = { deployment: view.deployment, hosts: view.hosts, entries }
    const found = fix ? putBackServers(left, ports, { doctor, signal }) : findLeftServers(left, ports, signal)
    servers.push(...(await found))
  }
  return { servers }
}

function byDeployment(entries: readonly JournalEntry[]): Map<string, JournalEntry[]> {
  return Map.groupBy(entries, ({ deploymentId }) => deploymentId)
}
