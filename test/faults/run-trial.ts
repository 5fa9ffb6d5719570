import { inspect } from 'node:util'
import type { DeploymentEvent } from '@vesemir/contract'
import { startLoad } from '../../infra/load/start-load.ts'
import { applicationsOf } from '../../infra/fleet/fleet-state.ts'
import type { System } from '../support/start-system.ts'
import { doomedBox } from './faults/fault.ts'
import { findCrashes } from './find-crashes.ts'
import { describeLost } from './describe-lost.ts'
import { createFindings } from './findings.ts'
import { judgeDurations } from './judges/judge-durations.ts'
import { judgeHosts } from './judges/judge-hosts.ts'
import { judgeServers } from './judges/judge-servers.ts'
import { judgeWalks, type Story } from './judges/judge-walks.ts'
import type { Random } from './random.ts'
import { readFleet } from './read-fleet.ts'
import { findStuckJobs } from './stuck-jobs.ts'
import type { Course, Trial } from './trial.ts'
import { watchCapacity } from './watch-capacity.ts'

/** What a trial came to. */
export interface TrialReport extends Pick<Trial, 'findings' | 'resumes' | 'ends' | 'missed'> {
  requests: number
  /** Sent a second time, since HAProxy closed their kept connection as it was reloaded. */
  resent: number
  failedRequests: Record<string, number>
  /** Each of them in words: when, and what the hosts were in just then. */
  lost: string[]
  /** The fewest servers in service at once in any backend on any box. */
  fewestInService: number
}

const requestsPerSecond = 40

/** Runs a course under load, and judges what came of it by the real things. */
export async function runTrial(
  system: System,
  course: Course,
  { random, version }: { random: Random; version: string },
): Promise<TrialReport> {
  const startedMs = performance.now()
  const before = await readFleet(system.fleet)
  await using load = startLoad({ urls: frontendsFor(course, system), requestsPerSecond, resendOnClosed: true })
  await using capacity = watchCapacity(system.fleet, course)
  const findings = createFindings()
  const trial = { system, random, version, before, findings, deployments: [], resumes: [], ends: [], missed: [] }
  // A trial that cannot go on is told like all else that is wrong, and the others go on.
  await course.run(trial).catch((error: unknown) => findings.bugs.push(`the trial ended: ${inspect(error)}`))

  findings.stuckJobs.push(...(await findStuckJobs(system.fleet)))
  const { total, resent, failures, lost } = await load.stop()
  const { broken, fewest } = await capacity.stop()
  findings.minHealthyBroken.push(...broken)
  findings.bugs.push(...(await findCrashes(system)))
  const stories = await Promise.all(trial.deployments.map((id) => readStory(system, id)))
  await judgeAfterwards(trial, stories, performance.now() - startedMs)
  const { resumes, ends, missed } = trial
  return {
    requests: total,
    resent,
    failedRequests: failures,
    lost: lost.map((request) => describeLost(request, stories)),
    fewestInService: fewest,
    findings,
    resumes,
    ends,
    missed,
  }
}

/** Judges what holds for every trial, whatever was done in it. */
async function judgeAfterwards(trial: Trial, stories: readonly Story[], trialMs: number): Promise<void> {
  const { system, before, findings } = trial
  const after = await readFleet(system.fleet)
  findings.changedServers.push(...judgeServers(before.servers, after.servers))
  findings.untrueHosts.push(...(await judgeHosts(system, after)))
  findings.walkedByTwo.push(...judgeWalks(stories))
  for (const { view, events } of stories)
    findings.implausibleDurations.push(...judgeDurations(view, { events, trialMs }))
}

async function readStory({ client }: System, id: string): Promise<Story> {
  const view = await client.getDeployment(id)
  const events: DeploymentEvent[] = []
  for await (const event of client.followEvents(id)) if (!('kind' in event)) events.push(event)
  return { view, events }
}

/** A box that is to go down takes the requests with it that it has in hand. */
function frontendsFor({ costsRequests, involvesNeighbours }: Course, { fleet }: System): string[] {
  const boxes = fleet.boxes.filter(({ name }) => !costsRequests || name !== doomedBox)
  const applications = applicationsOf(fleet).slice(0, involvesNeighbours ? undefined : 1)
  return boxes.flatMap(({ address }) => applications.map(({ frontendPort }) => `http://${address}:${frontendPort}`))
}
