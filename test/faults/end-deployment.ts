import { setTimeout } from 'node:timers/promises'
import type { DeploymentView } from '@vesemir/contract'
import { describeEnd, findInternal } from './describe-end.ts'
import { judgeJournal } from './judges/judge-journal.ts'
import { judgeRecords } from './judges/judge-records.ts'
import type { Trial } from './trial.ts'

const timeoutMs = 120_000
const pollMs = 100

/** Waits until a deployment has ended, resuming it when someone has paused it, and judges its record. */
export async function endDeployment(
  trial: Trial,
  id: string,
  { after = 0 }: { after?: number } = {},
): Promise<DeploymentView> {
  const view = await waitForEnd(trial, id, { after })
  await judgeEnd(trial, view)
  return view
}

/** Judges the record of a deployment that has ended, while no other one is active. */
export async function judgeEnd(trial: Trial, view: DeploymentView): Promise<void> {
  const { system, findings } = trial
  trial.ends.push(`${view.deployment.id} ${describeEnd(view)}`)
  findings.bugs.push(...findInternal(view))
  findings.untrueRecords.push(...(await judgeRecords(system.fleet, view, trial)))
  findings.changedServers.push(...(await judgeJournal(system, { before: trial.before.servers })))
}

/** Waits until a deployment has ended, after the event that is named, resuming it when someone has paused it. */
export async function waitForEnd(
  { system: { client } }: Trial,
  id: string,
  { after = 0 }: { after?: number } = {},
): Promise<DeploymentView> {
  for (const deadlineMs = performance.now() + timeoutMs; performance.now() < deadlineMs; await setTimeout(pollMs)) {
    const view = await client.getDeployment(id)
    const { state } = view.deployment
    if ('endedAt' in state && view.cursor > after) return view
    if (state.status === 'paused') await client.commandDeployment(id, { command: 'resume' })
  }
  throw new Error(`${id} has not ended within ${timeoutMs} ms`)
}
