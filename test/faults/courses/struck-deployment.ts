import { setTimeout } from 'node:timers/promises'
import type { DeploymentEvent, DeploymentView, HostRecord, StepName } from '@vesemir/contract'
import { describeEnd, findInternal } from '../describe-end.ts'
import type { Aftermath, Fault } from '../faults/fault.ts'
import { faults } from '../faults/index.ts'
import { judgeJournal } from '../judges/judge-journal.ts'
import { judgeRecords } from '../judges/judge-records.ts'
import type { Strike } from '../plan-strikes.ts'
import { resumeTimes } from '../resume-times.ts'
import { workers } from '../start-bench.ts'
import { startDeployment } from '../start-deployment.ts'
import type { System } from '../../support/start-system.ts'
import type { Course, Trial } from '../trial.ts'

const minHealthyShare = 2 / 3
const mostRounds = 5
const roundTimeoutMs = 180_000
const lookMs = 10

/** One deployment to all hosts while faults strike; what failed is retried once they are over, until it has succeeded. */
export function struckDeployment(strikes: readonly Strike[], { hosts }: { hosts: number }): Course {
  const minHealthy = Math.floor(hosts * minHealthyShare)
  return {
    what: strikes.map(describeStrike).join('; '),
    costsRequests: strikes.some(({ fault }) => (faults[fault] as Fault).costsRequests === true),
    minHealthy: minHealthy - strikes.reduce((sum, { fault }) => sum + ((faults[fault] as Fault).takesServers ?? 0), 0),
    run: async (trial) => {
      const { version, system } = trial
      await using preparations = new AsyncDisposableStack()
      const prepares = new Set(strikes.map(({ fault }) => (faults[fault] as Fault).prepare))
      for (const prepare of prepares) if (prepare) preparations.defer(await prepare(system))
      const id = await startDeployment(system, { version: `${version}.0`, concurrency: hosts - minHealthy, minHealthy })
      trial.deployments.push(id)
      await runToSuccess(trial, { id, todo: [...strikes], events: [] })
    },
  }
}

interface Progress {
  id: string
  todo: Strike[]
  events: DeploymentEvent[]
}

/** Follows the deployment from end to end: a fault may fail it, and then lasts until that end. */
async function runToSuccess(trial: Trial, progress: Progress): Promise<void> {
  const { system, findings, before } = trial
  const { id, events, todo } = progress
  for (let round = 1; round <= mostRounds; round += 1) {
    const aftermaths = await followRound(trial, progress)
    const view = await system.client.getDeployment(id)
    trial.ends.push(describeEnd(view))
    findings.bugs.push(...findInternal(view))
    const lostBoxes = aftermaths.flatMap((aftermath) => aftermath.lostBoxes ?? [])
    const setByHand = aftermaths.flatMap((aftermath) => aftermath.setByHand ?? [])
    findings.untrueRecords.push(...(await judgeRecords(system.fleet, view, { before, lostBoxes, setByHand })))
    const others = [...setByHand, ...(aftermaths.some(({ hasForgotten }) => hasForgotten) ? skippedAsOthers(view) : [])]
    findings.changedServers.push(
      ...(await judgeJournal(system, { before: before.servers, lostBoxes, setByHand: others })),
    )
    for (const { outage } of aftermaths) if (outage) trial.resumes.push(...resumeTimes(events, outage))
    for (const { judge } of aftermaths) findings.unexpected.push(...((await judge?.(view, events)) ?? []))
    for (const { heal } of aftermaths) await heal?.()
    if (view.deployment.state.status === 'succeeded' && lostBoxes.length === 0) {
      trial.missed.push(...todo.map(describeStrike))
      return
    }
    await system.client.commandDeployment(id, { command: 'retry' })
  }
  findings.unexpected.push(`${id} has not succeeded after ${mostRounds} rounds: ${trial.ends.join('; ')}`)
}

/** The hosts that were left to whoever has drained them: for Vesemir's own, too, where Redis has forgotten the note of it. */
function skippedAsOthers({ hosts }: DeploymentView): string[] {
  const skipped = hosts.filter(
    ({ state }) => state.status === 'skipped' && state.failure.code === 'SERVER_NOT_IN_SERVICE',
  )
  return skipped.map(({ target }) => target.name)
}

/** Follows the deployment to its next end, and strikes when a moment comes. */
async function followRound(trial: Trial, { id, todo, events }: Progress): Promise<Aftermath[]> {
  const { system, random, before } = trial
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
      await untilNoneIsIn((faults[strike.fault] as Fault).notWhile ?? [], { system, id })
      const aftermath: Aftermath = await faults[strike.fault].strike({ system, random, workers, before, host })
      aftermaths.push(aftermath)
      // What it forgot will not come again, and other events have its numbers.
      if (aftermath.hasForgotten) return [...aftermaths, ...(await followAfresh(trial, { id, todo, events }, after))]
    }
    if (event.type === 'deployment.ended') return aftermaths
  }
  return aftermaths
}

/** Waits until no host is in one of the steps: soon, since hosts go through them in less time than they soak. */
async function untilNoneIsIn(
  steps: readonly StepName[],
  { system, id }: { system: System; id: string },
): Promise<void> {
  const isIn = ({ state }: HostRecord) => state.status === 'running' && steps.includes(state.step)
  while (steps.length > 0 && (await system.client.getDeployment(id)).hosts.some(isIn)) await setTimeout(lookMs)
}

function followAfresh(trial: Trial, progress: Progress, after: number): Promise<Aftermath[]> {
  const { events } = progress
  events.splice(0, Infinity, ...events.filter(({ seq }) => seq <= after))
  return followRound(trial, progress)
}

function isMoment({ step, nth }: Strike, events: readonly DeploymentEvent[]): boolean {
  const isMeant = (event: DeploymentEvent) => event.type === 'step.started' && event.step === step
  return isMeant(events.at(-1)!) && events.filter(isMeant).length >= nth
}

function describeStrike({ fault, step, nth, delayMs }: Strike): string {
  return `${fault}, ${delayMs} ms into ${step} no. ${nth}`
}
