import type { Deployment, DeploymentFact } from '@vesemir/contract'
import { applyDeploymentFact, noHosts, pendingHost, VesemirError, type DeploymentClaim } from '@vesemir/core'
import { fields } from './keys.ts'
import { nextEnded } from './next-ended.ts'
import { readView } from './read-deployment.ts'
import { readRow, rowFields, writeCounts, writeRow, type Store } from './store.ts'
import { createWriter, type Change } from './writer.ts'

/**
 * Claims a deployment: whoever had it can write no more.
 * @throws {VesemirError} `DEPLOYMENT_UNKNOWN`, `FENCE_LOST` when yet another claims it at the same moment
 */
export async function claimDeployment(
  store: Store,
  { id, worker }: { id: string; worker: string },
): Promise<DeploymentClaim> {
  const claimed = await store.scripts.claim([store.keys.record(id)], ['', ...rowFields])
  if (!claimed) throw unknown(id)
  const [attempt, row] = claimed
  let deployment = readRow(row)!

  const writer = createWriter(store, { id, scope: '', attempt })
  const append = async (fact: DeploymentFact) => {
    let next = deployment
    await writer.append(fact, (at) => {
      next = applyDeploymentFact(deployment, fact, at)
      return changeOfDeployment(next, fact)
    })
    deployment = next
  }
  await append({ type: 'deployment.claimed', attempt, worker })
  return {
    attempt,
    get deployment() {
      return deployment
    },
    append,
    async readHosts() {
      const view = await readView(store, id)
      if (!view) throw unknown(id)
      return { hosts: view.hosts, cursor: view.cursor }
    },
    nextEnded: (cursor, options) => nextEnded(store, { id, cursor, ...options }),
  }
}

function changeOfDeployment(after: Deployment, fact: DeploymentFact): Change {
  const row = writeRow(after)
  if (fact.type !== 'deployment.planned') return { fields: row, isEnd: fact.type === 'deployment.ended' }
  const { hosts } = fact.plan
  const names = hosts.map(({ target }) => target.name)
  return {
    fields: [
      ...row,
      [fields.hostNames, JSON.stringify(names)],
      ...hosts.map((host): [string, string] => [fields.host(host.target.name), JSON.stringify(pendingHost(host))]),
      ...writeCounts({ ...noHosts, pending: hosts.length }),
    ],
  }
}

function unknown(id: string): VesemirError {
  return new VesemirError('DEPLOYMENT_UNKNOWN', `there is no deployment ${id}`)
}
