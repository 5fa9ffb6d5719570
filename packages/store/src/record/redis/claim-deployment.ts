import type { Deployment, DeploymentFact, HostRecord, HostStatus } from '@vesemir/contract'
import {
  applyDeploymentFact,
  restoreLastWalk,
  goneHost,
  isRequeued,
  noHosts,
  pendingHost,
  requeuedHost,
  VesemirError,
  type DeploymentClaim,
  type EndFact,
} from '@vesemir/core'
import { fields } from './keys.ts'
import { createLogBatcher } from './log-batcher.ts'
import { currentChange, readCurrent, supersede } from './current.ts'
import { letLag, noteEnd } from './listing/listing.ts'
import { addHosts } from './listing/terms.ts'
import { countInStatistics } from './statistics.ts'
import { waitForChanges } from './wait-for-changes.ts'
import { sealContexts } from './seal-contexts.ts'
import { readReleases, wantedChange } from './releases.ts'
import { openHost, openView, sealHost, type OpenedHost } from './read-deployment.ts'
import { isUnreliable } from '../../redis/read-json.ts'
import { commanded, openCommands, openRow, rowFields, writeCounts, writeRow, type Row, type Store } from './store.ts'
import { verifyRecord } from './verify-record.ts'
import type { AlsoWritten } from './numbered-appends.ts'
import { createWriter, type Change, type Writer } from './writer.ts'

/**
 * Claims a deployment: whoever had it can write no more.
 * @throws {VesemirError} `DEPLOYMENT_UNKNOWN`, `FENCE_LOST` when yet another claims it at the same moment
 */
export async function claimDeployment(
  store: Store,
  { id, worker }: { id: string; worker: string },
): Promise<DeploymentClaim> {
  const claimed = await store.scripts.claim([store.keys.record(id)], ['', fields.status, ...rowFields])
  if (!claimed) throw unknown(id)
  const [attempt, values] = claimed
  const row = openRow(store, id, values)!
  if (attempt > 1) await verifyRecord(store, id)
  let { deployment, followed } = row

  const writer = createWriter(store, { deployment, place: deployment.spec, scope: '', attempt, head: row.head })
  const append = async (fact: DeploymentFact) => {
    let next: Written = { deployment, followed }
    const ofHosts = await changeOfHosts(store, { deployment, fact })
    const beside = await besideOf(store, { fact, deployment })
    const outcome = await writer.append(fact, (at) => {
      const known = followed + deployment.commands.length
      next = apply({ deployment, followed }, fact, at)
      const change = changeOfDeployment(store, next, fact)
      return {
        ...change,
        ...ofHosts,
        end: fact.type === 'deployment.ended' ? { commands: known } : undefined,
        fields: [...(change.fields ?? []), ...(ofHosts.fields ?? [])],
        beside,
      }
    })
    if (outcome === 'appended') ({ deployment, followed } = next)
    if (outcome === 'appended') await letLag(noteForLists(store, deployment, fact))
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
    ...doTasks(writer),
    async readHosts() {
      const view = await openView(store, id)
      if (!view) throw unknown(id)
      ;({ deployment, followed } = view.row)
      return { hosts: view.hosts.map(({ host }) => host), cursor: view.cursor }
    },
    async waitForChanges(cursor, options) {
      const news = await waitForChanges(store, { deployment, cursor, ...options })
      if (news.commanded) deployment = await withNewCommands(store, { deployment, followed })
      return news
    },
    ...readBeside(store, deployment),
    supersede: () => supersede(store, deployment),
    readExpectedPlan: async () => row.order?.expectedPlan,
  }
}

/** What a claim reads that its facts do not change. */
function readBeside(
  store: Store,
  deployment: Deployment,
): Pick<DeploymentClaim, 'readSome' | 'readCurrent' | 'readReleases'> {
  const { spec } = deployment
  return {
    readSome: async (hosts) => (await openHosts(store, deployment, hosts)).map(({ host }) => host),
    readCurrent: () => readCurrent(store, spec),
    readReleases: () => readReleases(store, spec),
  }
}

/** What a claim has for the tasks of its deployment. */
function doTasks(writer: Writer): Pick<DeploymentClaim, 'check' | 'confirm' | 'log' | 'flush'> {
  const batcher = createLogBatcher(({ place: task, lines }) => writer.appendLog({ type: 'task.logged', task, lines }))
  return {
    check: () => writer.check(),
    confirm: () => writer.confirm(),
    log: (task, line) => batcher.add(task, line),
    flush: () => batcher.flush(),
  }
}

/** Notes what lists and statistics tell of a fact. */
async function noteForLists(store: Store, deployment: Deployment, fact: DeploymentFact): Promise<void> {
  if (fact.type === 'deployment.ended') return keepEnd(store, deployment, fact)
  if (fact.type !== 'deployment.planned') return
  const hosts = fact.plan.hosts.map(({ target }) => target.name)
  await addHosts(store, [{ id: deployment.id, hosts }])
}

/** What is kept of an end for lists and statistics. */
async function keepEnd(store: Store, deployment: Deployment, { outcome }: EndFact): Promise<void> {
  await noteEnd(store, deployment.id, outcome)
  await countInStatistics(store, deployment).catch((error: unknown) => {
    if (!isUnreliable(error)) throw error
    store.onInvalid(error)
  })
}

async function withNewCommands(store: Store, { deployment, followed }: Written): Promise<Deployment> {
  const commands = await store.redis.hget(store.keys.record(deployment.id), fields.commands)
  const known = followed + deployment.commands.length
  return openCommands(store, deployment, { commands, followed: known }).reduce(commanded, deployment)
}

/** What is kept beside the record: that this deployment has the machines, and what they should run. */
async function besideOf(
  store: Store,
  { fact, deployment }: { fact: DeploymentFact; deployment: Deployment },
): Promise<AlsoWritten[]> {
  if (fact.type === 'deployment.planned') return [currentChange(store.keys, deployment)]
  if (fact.type === 'hosts.requeued') {
    const wanted = fact.intent === 'rollback' ? await wantedChange(store, { deployment, isBack: true }) : []
    return [currentChange(store.keys, deployment), ...wanted]
  }
  const isDone = fact.type === 'deployment.ended' && fact.outcome === 'succeeded' && deployment.plan !== undefined
  return isDone ? wantedChange(store, { deployment, isBack: false }) : []
}

/** What a deployment's fact changes in the records of its hosts; nobody else writes to those just then. */
async function changeOfHosts(
  store: Store,
  { deployment, fact }: { deployment: Deployment; fact: DeploymentFact },
): Promise<Change> {
  if (fact.type === 'hosts.requeued') {
    const before = await openHosts(store, deployment, fact.hosts)
    const gone = await openHosts(store, deployment, fact.gone ?? [])
    return change(store, deployment, [
      ...before.map((each) => ({ ...each, after: requeuedHost(each.host, fact) })),
      ...gone.map((each) => ({ ...each, after: goneHost(each.host) })),
    ])
  }
  if (fact.type !== 'deployment.ended' || !(await hasPending(store, deployment.id))) return {}
  const { hosts = [] } = (await openView(store, deployment.id)) ?? {}
  const again = hosts.filter(({ host }) => isRequeued(host))
  const after = again.map((each) => ({ ...each, after: restoreLastWalk(each.host) }))
  return change(store, deployment, after)
}

async function openHosts(
  { redis, keys, seals }: Store,
  deployment: Deployment,
  names: readonly string[],
): Promise<OpenedHost[]> {
  if (names.length === 0) return []
  const values = await redis.hmget(keys.record(deployment.id), ...names.map(fields.host))
  return values.map((sealed, index) => openHost(seals, sealed!, { deployment, name: names[index]! }))
}

async function hasPending({ redis, keys }: Store, id: string): Promise<boolean> {
  return Number(await redis.hget(keys.record(id), fields.count('pending'))) > 0
}

function change(
  { seals }: Store,
  deployment: Deployment,
  hosts: readonly (OpenedHost & { after: HostRecord })[],
): Change {
  const counts: Partial<Record<HostStatus, number>> = {}
  const count = ({ state }: HostRecord, by: number) => (counts[state.status] = (counts[state.status] ?? 0) + by)
  for (const { host, after } of hosts) {
    count(after, 1)
    count(host, -1)
  }
  return {
    fields: hosts.map(({ after, head }) => sealHost(seals, after, { deployment, head })),
    counts,
  }
}

type Written = Pick<Row, 'deployment' | 'followed'>

/** What a fact makes of the record; commands that it takes out of those that wait are carried out. */
function apply({ deployment, followed }: Written, fact: DeploymentFact, at: string): Written {
  const next = applyDeploymentFact(deployment, fact, at)
  return { deployment: next, followed: followed + deployment.commands.length - next.commands.length }
}

function changeOfDeployment({ seals }: Store, after: Written, fact: DeploymentFact): Change {
  const { deployment } = after
  const record = {
    field: fields.deployment,
    place: sealContexts.deployment(deployment.id),
    text: writeRow(deployment, after),
  }
  const status: [string, string] = [fields.status, deployment.state.status]
  if (fact.type !== 'deployment.planned') return { record, fields: [status] }
  const { hosts } = fact.plan
  const names = hosts.map(({ target }) => target.name)
  return {
    record,
    fields: [
      status,
      [fields.hostNames, JSON.stringify(names)],
      ...hosts.map((host) => sealHost(seals, pendingHost(host), { deployment, head: '' })),
      ...writeCounts({ ...noHosts, pending: hosts.length }),
    ],
  }
}

function unknown(id: string): VesemirError {
  return new VesemirError('DEPLOYMENT_UNKNOWN', `deployment ${id} not found`)
}
