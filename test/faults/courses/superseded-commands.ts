import { createSystemClock } from '@vesemir/process/clock'
import { createQueues } from '@vesemir/store/queue'
import { noSeals } from '@vesemir/store/seal'
import { ApiError, type DeploymentView } from '@vesemir/contract'
import { Redis } from 'ioredis'
import { cluster } from '../../../infra/vesemir/worker-settings.ts'
import { untruths } from '../../support/untruths.ts'
import { describeEnd } from '../describe-end.ts'
import { endDeployment, waitForEnd } from '../end-deployment.ts'
import { judgeServers } from '../judges/judge-servers.ts'
import type { Random } from '../random.ts'
import { readFleet } from '../read-fleet.ts'
import { startDeployment } from '../start-deployment.ts'
import { findStuckJobs } from '../stuck-jobs.ts'
import type { Course, Trial } from '../trial.ts'

/** What is tried with a deployment that another has superseded. */
const attempts = ['retry', 'rollback', 'its jobs run again'] as const
type Attempt = (typeof attempts)[number]

const mostAttempts = 6

export function planSupersededCommands({ random, hosts }: { random: Random; hosts: number }): Course {
  const tried = Array.from({ length: random.between(3, mostAttempts) }, () => random.pick(attempts))
  return supersededCommands(tried, { hosts })
}

/**
 * A deployment to some hosts is superseded by one to half of them. Then it, and those before it, are commanded as if they were
 * not: nothing may be touched. At last an admin forces the way back, which may walk only what still runs what it left.
 */
export function supersededCommands(tried: readonly Attempt[], { hosts }: { hosts: number }): Course {
  const minHealthy = Math.floor((hosts * 2) / 3)
  return {
    what: `to superseded deployments: ${tried.join(', ')}; and a forced rollback`,
    costsRequests: false,
    minHealthy,
    run: async (trial) => {
      const { version, system } = trial
      const names = system.fleet.hosts.map(({ name }) => name).slice(0, 4)
      const half = names.slice(0, 2)
      const common = { concurrency: hosts - minHealthy, minHealthy }
      const old = await deploy(trial, { ...common, version: `${version}.0`, only: names })
      await deploy(trial, { ...common, version: `${version}.1`, only: half })
      await tryAll(trial, tried)
      await forceBack(trial, { old, walked: names.filter((name) => !half.includes(name)) })
    },
  }
}

async function deploy(trial: Trial, wanted: Parameters<typeof startDeployment>[1]): Promise<string> {
  const id = await startDeployment(trial.system, wanted)
  trial.deployments.push(id)
  const { deployment } = await endDeployment(trial, id)
  if (deployment.state.status !== 'succeeded') trial.findings.unexpected.push(`${id} has ${deployment.state.status}`)
  return id
}

async function tryAll(trial: Trial, tried: readonly Attempt[]): Promise<void> {
  const { system, random, findings } = trial
  const before = await readFleet(system.fleet)
  const { application, environment } = system.fleet
  const { deployments } = await system.client.listDeployments({ application, environment, limit: 20 })
  // One that was rolled back says to another rollback that nothing is to do.
  const superseded = deployments.slice(1).filter(({ state }) => state.status !== 'rolled-back')
  for (const attempt of tried) {
    const { id } = random.pick(superseded)
    const { cursor } = await system.client.getDeployment(id)
    await (attempt === 'its jobs run again' ? runJobsAgain(trial, id) : beRefused(trial, { id, command: attempt }))
    const walked = (await system.client.listEvents(id, { after: cursor })).events.filter(
      ({ type }) => type === 'host.claimed' || type === 'step.started',
    )
    if (walked.length > 0) findings.unexpected.push(`${attempt} of ${id}, which is superseded, walked hosts`)
  }
  const after = await readFleet(system.fleet)
  findings.unexpected.push(...judgeServers(before.servers, after.servers))
  if (JSON.stringify([...after.versions]) !== JSON.stringify([...before.versions]))
    findings.unexpected.push(`other versions run after ${tried.join(', ')} of superseded deployments`)
}

async function beRefused(
  { system, findings }: Trial,
  { id, command }: { id: string; command: 'retry' | 'rollback' },
): Promise<void> {
  const answer = await system.client.commandDeployment(id, { command }).catch((error: unknown) => error)
  if (answer instanceof ApiError && answer.code === 'DEPLOYMENT_SUPERSEDED') return
  const said = answer instanceof ApiError ? answer.code : 'accepted'
  findings.unexpected.push(`${command} of ${id}, which is superseded, was answered with ${said}`)
}

/** As the queues' dashboard does. */
async function runJobsAgain({ system: { fleet } }: Trial, id: string): Promise<void> {
  const redis = new Redis(fleet.redisUrl, { maxRetriesPerRequest: null })
  await using queues = createQueues(redis, { clusters: [cluster], clock: createSystemClock(), seals: noSeals })
  try {
    for (const queue of queues.all)
      for (const state of ['completed', 'failed'] as const)
        for (const job of await queue.getJobs([state]))
          if (job.id === id || job.id?.startsWith(`${id}~`)) await job.retry(state)
  } finally {
    redis.disconnect()
  }
  await findStuckJobs(fleet)
}

async function forceBack(trial: Trial, { old, walked }: { old: string; walked: readonly string[] }): Promise<void> {
  const { system, before, findings } = trial
  const { cursor, deployment } = await system.client.getDeployment(old)
  await system.client.commandDeployment(old, {
    command: 'rollback',
    force: true,
    reason: 'the hosts that still run it',
  })
  const view = await waitForEnd(trial, old, { after: cursor })
  trial.ends.push(`${old} ${describeEnd(view)}`)
  findings.untrueRecords.push(...(await untruths(system.fleet, view)))
  const now = await readFleet(system.fleet)
  const answered = now.versions.get(deployment.spec.application)!
  for (const name of walked) {
    const wanted = before.versions.get(deployment.spec.application)!.get(name)
    if (answered.get(name) !== wanted)
      findings.unexpected.push(`${name} answers ${answered.get(name)} after a forced rollback, not ${wanted}`)
  }
  const back = rolledBack(view)
  if (back.join() !== walked.join())
    findings.unexpected.push(`a forced rollback of ${old} walked ${back.join(', ')}, not ${walked.join(', ')}`)
}

function rolledBack({ hosts }: DeploymentView): string[] {
  return hosts.flatMap(({ target, state }) => (state.status === 'rolled-back' ? [target.name] : []))
}
