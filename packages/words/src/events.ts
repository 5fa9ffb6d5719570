import type { DeploymentEvent, DeploymentView } from '@vesemir/contract'
import { describeRestart, hasBegun, listTasks, runningMs } from '@vesemir/core'
import { describeGivenCommand } from './command.ts'
import { count, listFew } from './count.ts'
import { formatDuration } from './duration.ts'
import { describeFailure, describeHint } from './failure.ts'
import { describeAnswers, describeGate, type ReaderOptions } from './gate.ts'
import { describePace, describeWarnings } from './plan.ts'
import { describeRequester } from './schedule.ts'
import { describeServers } from './servers.ts'
import { deploymentStatuses, hostStatuses, stepTones, trafficWords } from './status.ts'
import { failedTask } from './tasks.ts'
import { quiet, toned, type Text } from './text.ts'

/** An event in words: a sentence that every front end says alike, and lines under it for those with room for them. */
export interface Description {
  sentence: Text
  details: readonly Text[]
}

/**
 * Describes an event. `view` is the deployment with the event in it. Returns nothing for output, which is shown as it is, and
 * for what only repeats the order of the walk, such as the start of a step that takes a moment.
 */
export function describeEvent(
  event: DeploymentEvent,
  view: DeploymentView,
  reader: ReaderOptions = {},
): Description | undefined {
  return 'host' in event ? describeHostEvent(event, view) : describeDeploymentEvent(event, view, reader)
}

type HostEvent = Extract<DeploymentEvent, { host: string }>

function describeDeploymentEvent(
  event: Exclude<DeploymentEvent, HostEvent>,
  view: DeploymentView,
  reader: ReaderOptions,
): Description | undefined {
  const { id } = view.deployment
  switch (event.type) {
    case 'deployment.queued':
      return say(describeRequest(event))
    case 'deployment.claimed':
      return say([event.attempt === 1 ? `planning on ${event.worker}` : describeAttempt(event)])
    case 'deployment.planned':
      return say(describeStart({ hosts: event.plan.hosts.length, waves: event.plan.waves.length }), [
        [quiet(describePace(event.plan))],
        ...describeWarnings(event.plan.warnings),
      ])
    case 'deployment.waiting':
      return say(describeWait(event.waitingFor))
    case 'deployment.commanded':
      return say(describeGivenCommand(event))
    case 'command.refused':
      return say(
        [toned('refused', 'bad'), ` the command of ${event.by}: ${describeFailure(event.failure)}`],
        describeHint(event.failure, { id }),
      )
    case 'deployment.superseded':
      return say([toned('superseded', 'waiting'), ` by ${event.by} (${event.version})`])
    case 'deployment.paused':
      return say(describePause(event.by), [[quiet('→ '), toned(`vesemir resume ${id}`, 'command')]])
    case 'deployment.gated':
      return say(describeGate(event.gate, { at: event.at, ...reader }), describeAnswers(event.gate, id))
    case 'gate.approved':
      return say([toned('approved', 'good'), ` by ${event.by}; more approvals are needed`])
    case 'deployment.resumed':
      return say([toned('resumed', 'good'), event.by === undefined ? '' : ` by ${event.by}`])
    case 'task.started':
      return say([quiet('task '), event.task, event.on === undefined ? ' on the worker' : ` on ${event.on}`])
    case 'task.ended':
      return say(describeTaskEnd(event), describeHint(event.failure, { id, task: event.task }))
    case 'task.logged':
    case 'peers.compared':
      return undefined
    case 'hosts.requeued':
      return say(describeRequeue(event, view))
    case 'deployment.ended':
      return say(
        describeEnd({ ...event, durationMs: runningMs(view.deployment, Date.parse(event.at)) }),
        describeHint(event.failure, { id, task: failedTask(view.deployment) }),
      )
  }
  // A newer API may send an event of a type that is not known here.
  return undefined
}

function describeHostEvent(event: HostEvent, view: DeploymentView): Description | undefined {
  const { id } = view.deployment
  switch (event.type) {
    case 'step.waiting':
      return say(describeWait(event.waitingFor))
    case 'host.claimed':
      return event.attempt === 1 ? undefined : say([describeAttempt(event)])
    case 'host.turned':
      return say([toned(event.intent === 'rollback' ? 'rolling back' : 'deploying again', 'waiting'), `: ${event.why}`])
    case 'step.started':
      return describeStepStart(event, view)
    case 'step.ended':
      return say(describeStepEnd(event))
    case 'servers.located':
      return say([`servers changed: ${event.cause}`])
    case 'servers.snapshotted':
      return event.leftOut ? say(['left out of rotation by an earlier deployment']) : undefined
    case 'servers.seen':
      return say([describeServers(event.servers)])
    case 'servers.returned':
      return say([toned('unexpectedly back in rotation', 'bad'), `: ${event.cause}`])
    case 'release.seen':
      return say([`host reports ${event.release} as its current release`])
    case 'release.reverted':
      return say([event.release === undefined ? 'release removed' : `release ${event.release} is current again`])
    case 'release.introduced':
      return say([
        `release ${event.release} in place${event.previous === undefined ? '' : `, previous ${event.previous}`}`,
      ])
    case 'host.ended':
      return say(describeHostEnd(event), describeHint(event.failure, { id, host: event.host }))
    case 'log.appended':
      return undefined
  }
  // As above.
  return undefined
}

type Event<Type extends DeploymentEvent['type']> = Extract<DeploymentEvent, { type: Type }>

function say(sentence: Text, details: readonly Text[] = []): Description {
  return { sentence, details }
}

function describeRequest(queued: Event<'deployment.queued'>): Text {
  const { application, version, environment, reason } = queued.spec
  return [
    `${application} ${version} to ${environment}, requested by ${describeRequester(queued)}${reason === undefined ? '' : `: ${reason}`}`,
  ]
}

function describeAttempt({ worker, attempt }: Event<'deployment.claimed' | 'host.claimed'>): string {
  return `taken over by ${worker}, attempt ${attempt}`
}

/** Describes a plan by its size: `planned: 6 hosts in 2 waves`. */
export function describeStart({ hosts, waves }: { hosts: number; waves: number }): Text {
  return [`planned: ${count(hosts, 'host')} in ${count(waves, 'wave')}`]
}

/** Describes what a deployment or a host waits for. */
export function describeWait(waitingFor: string): Text {
  return [toned('waiting for', 'waiting'), ` ${waitingFor}`]
}

/** Describes a pause. */
export function describePause(by: string): Text {
  return [toned('paused', 'waiting'), ` by ${by}; no more hosts are started`]
}

function describeRequeue(
  { hosts, intent, by, leftOut, gone, excluded, changed }: Event<'hosts.requeued'>,
  { deployment, hosts: all }: DeploymentView,
): Text {
  const isBack = intent === 'rollback'
  const who = by === 'onFailure' ? 'as set by onFailure' : `requested by ${by}`
  const asides = [
    ...(leftOut ? [`; skipped ${listFew(leftOut, 8)}, changed by another deployment`] : []),
    ...(gone ? [`; skipped ${listFew(gone, 8)}, no longer in the inventory`] : []),
    ...(excluded ? [`; excluded ${listFew(excluded, 8)} permanently`] : []),
    ...(changed ? [`; ${changed.map(({ target }) => `${target.name} is now at ${target.address}`).join(', ')}`] : []),
  ].join('')
  const hasTasks = listTasks(deployment).some(({ record }) => record?.status !== 'succeeded')
  if (hosts.length === 0 && hasTasks && (!isBack || hasBegun(deployment, all)))
    return [toned('running the tasks that are not done', 'waiting'), `, ${who}${asides}`]
  if (hosts.length === 0)
    return [toned(isBack ? 'nothing to roll back' : 'nothing to retry', 'waiting'), `, ${who}${asides}`]
  const what = `${isBack ? 'rolling back' : 'retrying'} ${count(hosts.length, 'host')}`
  return [toned(what, 'waiting'), `, ${who}: ${listFew(hosts, 8)}${asides}`]
}

/** Only the view as it was at the event knows which way the host was walked. */
function describeStepStart({ seq, host, step }: Event<'step.started'>, view: DeploymentView): Description | undefined {
  const { spec, plan } = view.deployment
  if (step === 'restart') return say([quiet('running '), describeRestart(spec.service)])
  if (step !== 'deploy' || view.cursor !== seq) return undefined
  const isBack = view.hosts.find(({ target }) => target.name === host)?.intent === 'rollback'
  return say(isBack ? ['restoring the previous release'] : [quiet('deploying '), plan?.release.id ?? spec.version])
}

const stepOutcomes = { succeeded: 'done in', failed: 'failed after', skipped: 'skipped after' } as const

function describeStepEnd({ outcome, durationMs, note }: Event<'step.ended'>): Text {
  const took = `${stepOutcomes[outcome]} ${formatDuration(durationMs)}`
  return [toned(took, stepTones[outcome]), note === undefined ? '' : `: ${note}`]
}

function describeTaskEnd({ task, outcome, durationMs, note, failure }: Event<'task.ended'>): Text {
  const took = `${stepOutcomes[outcome]} ${formatDuration(durationMs)}`
  const why = failure ? describeFailure(failure) : note
  return [`task ${task} `, toned(took, stepTones[outcome]), why === undefined ? '' : `: ${why}`]
}

function describeHostEnd({ outcome, failure, traffic, isVersionProven }: Event<'host.ended'>): Text {
  const proof = isVersionProven === false ? [toned(', version not proven', 'waiting')] : []
  const why = failure ? `: ${describeFailure(failure)}` : ''
  return [hostStatuses[outcome], ...proof, `${why}; ${trafficWords[traffic]}`]
}

/** Describes how a deployment ended: `failed after 3m 12s: hosts: 1 failed, 2 succeeded (HOSTS_FAILED)`. */
export function describeEnd({
  outcome,
  failure,
  note,
  durationMs,
}: Pick<Event<'deployment.ended'>, 'outcome' | 'failure' | 'note'> & { durationMs: number }): Text {
  const why = failure ? describeFailure(failure) : note
  return [deploymentStatuses[outcome], ` after ${formatDuration(durationMs)}${why === undefined ? '' : `: ${why}`}`]
}
