import { ApiError, createClient, type Client, type DeploymentView } from '@vesemir/contract'
import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { Random } from '../../test/faults/random.ts'
import { failing } from '../bench/scale/serve-host.ts'
import { persist } from './persist.ts'

type Order = Parameters<Client['createDeployment']>[0]
type Command = Parameters<Client['commandDeployment']>[1]
type Status = DeploymentView['deployment']['state']['status']

/** Somebody who deploys one application. */
export interface Person {
  client: Client
  url: string
  application: string
  environment: string
  random: Random
  /** Gives a version that nobody has deployed. */
  nextVersion: () => string
  /** Takes the number of each deployment. */
  onDeployment: (id: string) => void
}

/** What somebody does with a deployment, to its end. Rejects where it ends in another way than it should. */
export type Course = (person: Person) => Promise<void>

const longestMs = 120_000
const lookMs = 100
const ended: ReadonlySet<Status> = new Set(['succeeded', 'failed', 'cancelled', 'rolled-back'])

export const courses: Record<string, Course> = {
  async deployed(person) {
    await expectEnd(person, await deploy(person), ['succeeded'])
  },

  async planned(person) {
    const { client } = person
    const { id } = await persist(() => client.createPlan(orderOf(person)))
    const key = randomUUID()
    const deployment = await persist(() => client.deployPlan(id!, {}, { idempotencyKey: key }))
    person.onDeployment(deployment.id)
    await expectEnd(person, deployment.id, ['succeeded'])
  },

  async 'gated and approved'(person) {
    const id = await deploy(person, gated)
    await until(person, id, ({ status }) => status === 'gated' || ended.has(status))
    await command(person, id, { command: 'approve' })
    await expectEnd(person, id, ['succeeded'])
  },

  async 'gated and rejected'(person) {
    const id = await deploy(person, gated)
    await until(person, id, ({ status }) => status === 'gated' || ended.has(status))
    await command(person, id, { command: 'reject' })
    await expectEnd(person, id, ['failed'])
  },

  async 'paused and resumed'(person) {
    const id = await deploy(person)
    await command(person, id, { command: 'pause' })
    await command(person, id, { command: 'resume' })
    await expectEnd(person, id, ['succeeded'])
  },

  async cancelled(person) {
    const id = await deploy(person)
    await command(person, id, { command: 'cancel', now: person.random.pick([true, false]) })
    await expectEnd(person, id, ['cancelled', 'succeeded'])
  },

  async 'failed and retried'(person) {
    const id = await deploy(person, { version: `${person.nextVersion()}${failing.once}` })
    const { endedAt } = await expectEnd(person, id, ['failed'])
    await command(person, id, { command: 'retry' })
    // Each host fails once, and one more failure ends the deployment again.
    await until(person, id, (state) => ended.has(state.status) && state.endedAt !== endedAt)
  },

  async 'failed and rolled back'(person) {
    const id = await deploy(person, { version: `${person.nextVersion()}${failing.always}` })
    const { endedAt } = await expectEnd(person, id, ['failed'])
    await command(person, id, { command: 'rollback' })
    await until(person, id, (state) => ended.has(state.status) && state.endedAt !== endedAt)
  },

  async locked(person) {
    const { client, application, environment } = person
    const place = { application, environment }
    await persist(() => client.putLock(place, 'soak'))
    const id = await deploy(person)
    const { status } = await until(person, id, () => true)
    await persist(() => client.deleteLock(place))
    if (status !== 'queued') throw new Error(`${id} is ${status} under a lock`)
    await expectEnd(person, id, ['succeeded'])
  },

  async 'by a token of its own'(person) {
    const { client, url, application } = person
    const grants = [{ role: 'deployer' as const, applications: [application] }]
    // A token whose answer was lost is made, and nobody can have it again: another is asked for by another name.
    const nameOne = () => `soak-${randomUUID().slice(0, 8)}`
    const made = await persist(() => client.createToken({ name: nameOne(), grants, expiresIn: '10m' }))
    const id = await deploy({ ...person, client: createClient({ url, token: made.token }) })
    await expectEnd(person, id, ['succeeded'])
    await persist(() => client.revokeToken(made.id)).catch(ignoreRepeated)
  },
}

/** The answer to the first try was lost with its connection. */
function ignoreRepeated(error: unknown): void {
  if (!(error instanceof ApiError && error.problem.status === 404)) throw error
}

const gated = { concurrency: [1, '100%'], rollout: { gates: [{ afterWave: 1, wait: 'approval' }] } } as Partial<Order>

function orderOf({ application, environment, nextVersion }: Person): Order {
  return { application, environment, version: nextVersion() }
}

async function deploy(person: Person, more: Partial<Order> = {}): Promise<string> {
  const order = { ...orderOf(person), ...more }
  const idempotencyKey = randomUUID()
  const { id } = await persist(() => person.client.createDeployment(order, { idempotencyKey }))
  person.onDeployment(id)
  return id
}

/** A command that comes too late is refused: then nothing is left to command. */
async function command({ client }: Person, id: string, wanted: Command): Promise<void> {
  await persist(() => client.commandDeployment(id, wanted)).catch((error: unknown) => {
    if (!(error instanceof ApiError && error.problem.status === 409)) throw error
  })
}

interface State {
  status: Status
  endedAt?: string
}

async function expectEnd(person: Person, id: string, statuses: readonly Status[]): Promise<State> {
  const state = await until(person, id, ({ status }) => ended.has(status))
  if (!statuses.includes(state.status)) throw new Error(`${id} ended as ${JSON.stringify(state)}`)
  return state
}

async function until({ client }: Person, id: string, isSo: (state: State) => boolean): Promise<State> {
  const deadlineMs = performance.now() + longestMs
  for (;;) {
    const { deployment } = await persist(() => client.getDeployment(id))
    const state: State = deployment.state
    if (isSo(state)) return state
    if (performance.now() > deadlineMs) throw new Error(`${id} is still ${JSON.stringify(state)} after ${longestMs} ms`)
    await setTimeout(lookMs)
  }
}
