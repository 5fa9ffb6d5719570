import { setTimeout } from 'node:timers/promises'
import type { DeploymentEvent, DeploymentView } from '@vesemir/contract'
import { startLoad } from '../../infra/load/start-load.ts'
import type { System } from '../support/start-system.ts'
import { doomedBox, faults, type Aftermath } from './faults.ts'
import { findCrashes } from './find-crashes.ts'
import { findStuckJobs } from './stuck-jobs.ts'
import { judgeRecords } from './judge-records.ts'
import type { Strike } from './plan-strikes.ts'
import type { Random } from './random.ts'
import { resumeTimes } from './resume-times.ts'
import { workers } from './start-bench.ts'
import { startDeployment } from './start-deployment.ts'
import { watchCapacity } from './watch-capacity.ts'

/** What a deployment under faults came to. Everything wrong is said in words. */
export interface TrialReport {
  requests: number
  /** Sent a second time, since HAProxy closed their kept connection as it was reloaded. */
  resent: number
  failedRequests: Record<string, number>
  minHealthyBroken: string[]
  untrueRecords: string[]
  stuckJobs: string[]
  /** Processes that ended by themselves, and failures that no code had foreseen. */
  bugs: string[]
  /** In milliseconds, one for each deployment and host that a lost worker had in hand. */
  resumes: number[]
  /** How the deployment ended at each of its ends: a person retries what failed. */
  ends: string[]
  /** Strikes whose moment never came. */
  missed: Strike[]
}

export interface Trial {
  random: Random
  strikes: readonly Strike[]
  version: string
  /** What the hosts run before. */
  before: string
}

const requestsPerSecond = 40
const minHealthyShare = 2 / 3
const mostRounds = 5
const roundTimeoutMs = 180_000

/** Deploys under load while faults strike, has what failed retried once they are over, and judges it by the real things. */
export async function runTrial(system: System, trial: Trial): Promise<TrialReport> {
  const { fleet } = system
  const hosts = fleet.hosts.length
  const minHealthy = Math.floor(hosts * minHealthyShare)
  await using load = startLoad({
    urls: safeFrontends(system, trial.strikes),
    requestsPerSecond,
    resendOnClosed: true,
  })
  await using capacity = watchCapacity(fleet, { minHealthy })
  const id = await startDeployment(system, { version: trial.version, concurrency: hosts - minHealthy, minHealthy })
  const course = await runToSuccess(system, { id, trial })

  const stuckJobs = await findStuckJobs(fleet)
  const { total, resent, failures } = await load.stop()
  const { broken } = await capacity.stop()
  course.bugs.push(...(await findCrashes(system)))
  return { requests: total, resent, failedRequests: failures, minHealthyBroken: broken, stuckJobs, ...course }
}

type Course = Pick<TrialReport, 'untrueRecords' | 'bugs' | 'resumes' | 'ends' | 'missed'>

/** Follows the deployment from end to end until it has succeeded: a fault may fail it, and then lasts until that end. */
async function runToSuccess(system: System, { id, trial }: { id: string; trial: Trial }): Promise<Course> {
  const todo = [...trial.strikes]
  const events: DeploymentEvent[] = []
  const course: Course = { untrueRecords: [], bugs: [], resumes: [], ends: [], missed: todo }
  for (let round = 1; round <= mostRounds; round += 1) {
    const aftermaths = await followRound(system, { id, trial, todo, events })
    const view = await system.client.getDeployment(id)
    course.ends.push(describeEnd(view))
    course.bugs.push(...findInternal(view))
    const lostBoxes = aftermaths.flatMap((aftermath) => aftermath.lostBoxes ?? [])
    course.untrueRecords.push(...(await judgeRecords(system.fleet, view, { before: trial.before, lostBoxes })))
    for (const { outage } of aftermaths) if (outage) course.resumes.push(...resumeTimes(events, outage))
    for (const { heal } of aftermaths) await heal?.()
    if (view.deployment.state.status === 'succeeded' && lostBoxes.length === 0) return course
    await system.client.commandDeployment(id, { command: 'retry' })
  }
  course.untrueRecords.push(`${id} has not succeeded after ${mostRounds} rounds: ${course.ends.join('; ')}`)
  return course
}

interface Round {
  id: string
  trial: Trial
  todo: Strike[]
  events: DeploymentEvent[]
}

/** Follows the deployment to its next end, and strikes when a moment comes. */
async function followRound(system: System, { id, trial, todo, events }: Round): Promise<Aftermath[]> {
  const aftermaths: Aftermath[] = []
  const after = events.at(-1)?.seq ?? 0
  const signal = AbortSignal.timeout(roundTimeoutMs)
  for await (const event of system.client.followEvents(id, { after, signal })) {
    if ('kind' in event) continue
    events.push(event)
    const [strike] = todo
    if (strike && isMoment(strike, events)) {
      todo.shift()
      await setTimeout(strike.delayMs)
      const host = 'host' in event ? event.host : ''
      aftermaths.push(await faults[strike.fault]({ system, random: trial.random, workers, host }))
    }
    if (event.type === 'deployment.ended') return aftermaths
  }
  return aftermaths
}

function isMoment({ step, nth }: Strike, events: readonly DeploymentEvent[]): boolean {
  const isMeant = (event: DeploymentEvent) => event.type === 'step.started' && event.step === step
  return isMeant(events.at(-1)!) && events.filter(isMeant).length >= nth
}

/** A box that is to go down takes the requests with it that it has in hand. */
function safeFrontends({ fleet }: System, strikes: readonly Strike[]): readonly string[] {
  if (!strikes.some(({ fault }) => fault === 'one HAProxy of two is down')) return fleet.frontends
  return fleet.frontends.filter((_, index) => fleet.boxes[index]!.name !== doomedBox)
}

/** A failure without a code of its own is a bug, whatever it comes to. */
function findInternal({ deployment, hosts }: DeploymentView): string[] {
  return [deployment, ...hosts].flatMap(({ state }) =>
    'failure' in state && state.failure?.code === 'INTERNAL' ? [state.failure.message] : [],
  )
}

function describeEnd({ deployment: { state }, hosts }: DeploymentView): string {
  const failed = hosts.flatMap(({ target, state: host }) =>
    'failure' in host && host.failure ? [`${target.name} ${host.status} ${host.traffic} ${host.failure.code}`] : [],
  )
  const why = state.status === 'failed' && failed.length === 0 ? [state.failure.message] : failed
  return [state.status, ...why].join(', ')
}
