import { HostRecord, Plan, type Deployment, type DeploymentFact, type HostStatus } from '@vesemir/contract'
import {
  applyDeploymentFact,
  asLastWalkLeft,
  goneHost,
  isYetToBeWalkedAgain,
  noHosts,
  pendingHost,
  requeuedHost,
  VesemirError,
  withCommand,
  type DeploymentClaim,
} from '@vesemir/core'
import { readJson } from '../../redis/read-json.ts'
import { fields } from './keys.ts'
import { currentChange, readCurrent, supersede } from './current.ts'
import { nextNews } from './next-news.ts'
import { readReleases, wantedChange } from './releases.ts'
import { hostOf, readView } from './read-deployment.ts'
import { readRow, rowFields, writeCounts, writeRow, type Store } from './store.ts'
import { createWriter, type Beside, type Change } from './writer.ts'

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
  let deployment = readRow(id, row)!

  const writer = createWriter(store, { id, place: deployment.spec, scope: '', attempt })
  const append = async (fact: DeploymentFact) => {
    let next = deployment
    const ofHosts = await changeOfHosts(store, { id, fact })
    const beside = await besideOf(store, { fact, deployment })
    const outcome = await writer.append(fact, (at) => {
      next = applyDeploymentFact(deployment, fact, at)
      const change = changeOfDeployment(next, fact)
      const end = fact.type === 'deployment.ended' ? { lastCommand: deployment.commands.at(-1)?.seq } : undefined
      return {
        ...change,
        ...ofHosts,
        end,
        fields: [...(change.fields ?? []), ...(ofHosts.fields ?? [])],
        beside,
      }
    })
    if (outcome === 'appended') deployment = next
    return outcome === 'appended'
  }
  await append({ type: 'deployment.claimed', attempt, worker })
  return {
    attempt,
    get deployment() {
      return deployment
    },
    async append(fact) {
      await append(fact)
    },
    end: append,
    async readHosts() {
      const view = await readView(store, id)
      if (!view) throw unknown(id)
      deployment = view.deployment
      return { hosts: view.hosts, cursor: view.cursor }
    },
    async nextNews(cursor, options) {
      const { commands, ...news } = await nextNews(store, { id, cursor, ...options })
      for (const command of commands) deployment = withCommand(deployment, command)
      return { ...news, commanded: commands.length > 0 }
    },
    readCurrent: () => readCurrent(store, deployment.spec),
    supersede: () => supersede(store, deployment),
    async readExpectedPlan() {
      const json = await store.redis.hget(store.keys.record(id), fields.expectedPlan)
      return json === null ? undefined : readJson(Plan, json, `the expected plan of ${id}`)
    },
    readReleases: () => readReleases(store, deployment.spec),
  }
}

/** What is kept beside the record: that this deployment has the machines in hand, and what they should run. */
async function besideOf(
  store: Store,
  { fact, deployment }: { fact: DeploymentFact; deployment: Deployment },
): Promise<Beside[]> {
  if (fact.type === 'deployment.planned') return [currentChange(store.keys, deployment)]
  if (fact.type === 'hosts.requeued') {
    const wanted = fact.intent === 'rollback' ? await wantedChange(store, { deployment, isBack: true }) : []
    return [currentChange(store.keys, deployment), ...wanted]
  }
  const isDone = fact.type === 'deployment.ended' && fact.outcome === 'succeeded' && deployment.plan !== undefined
  return isDone ? wantedChange(store, { deployment, isBack: false }) : []
}

/** What a deployment's fact changes in the records of its hosts; nobody else writes to those just then. */
async function changeOfHosts(store: Store, { id, fact }: { id: string; fact: DeploymentFact }): Promise<Change> {
  if (fact.type === 'hosts.requeued') {
    const [before, gone] = [await readHosts(store, id, fact.hosts), await readHosts(store, id, fact.gone ?? [])]
    return changeTo([...before.map((host) => requeuedHost(host, fact)), ...gone.map(goneHost)], [...before, ...gone])
  }
  if (fact.type !== 'deployment.ended' || !(await hasPending(store, id))) return {}
  const { hosts = [] } = (await readView(store, id)) ?? {}
  const before = hosts.filter(isYetToBeWalkedAgain)
  return changeTo(before.map(asLastWalkLeft), before)
}

async function readHosts({ redis, keys }: Store, id: string, names: readonly string[]): Promise<HostRecord[]> {
  if (names.length === 0) return []
  const values = await redis.hmget(keys.record(id), ...names.map(fields.host))
  return values.map((json, index) => readJson(HostRecord, json!, hostOf(id, names[index]!)))
}

async function hasPending({ redis, keys }: Store, id: string): Promise<boolean> {
  return Number(await redis.hget(keys.record(id), fields.count('pending'))) > 0
}

function changeTo(after: readonly HostRecord[], before: readonly HostRecord[]): Change {
  const counts: Partial<Record<HostStatus, number>> = {}
  for (const { state } of after) counts[state.status] = (counts[state.status] ?? 0) + 1
  for (const { state } of before) counts[state.status] = (counts[state.status] ?? 0) - 1
  return {
    fields: after.map((host) => [fields.host(host.target.name), JSON.stringify(host)]),
    counts,
  }
}

function changeOfDeployment(after: Deployment, fact: DeploymentFact): Change {
  const follows = 'follows' in fact ? fact.follows : undefined
  const row: [string, string | number][] = writeRow(after)
  if (follows !== undefined) row.push([fields.followed, follows])
  if (fact.type !== 'deployment.planned') return { fields: row }
  const { hosts } = fact.plan
  const names = hosts.map(({ target }) => target.name)
  return {
    fields: [
      ...row,
      [fields.hostNames, JSON.stringify(names)],
      ...hosts.map((host): [string, string | number] => [
        fields.host(host.target.name),
        JSON.stringify(pendingHost(host)),
      ]),
      ...writeCounts({ ...noHosts, pending: hosts.length }),
    ],
  }
}

function unknown(id: string): VesemirError {
  return new VesemirError('DEPLOYMENT_UNKNOWN', `there is no deployment ${id}`)
}
