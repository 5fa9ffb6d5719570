import type { DeploymentEvent, DeploymentView } from '@vesemir/contract'
import { describeRestart } from '@vesemir/core'
import { describeFailure, hintLines } from './failure.ts'
import { countHosts, describePlan, warningLines } from './plan.ts'
import { describeServers } from './servers.ts'
import { commandLine, gateLines, pauseLine, waitLine } from './standing.ts'
import { colourOf, dim, painted, type Line } from './text.ts'
import { clockTime, formatDuration } from './time.ts'

/**
 * Says an event in words, in a line or more. `view` is the deployment with the event in it. What only repeats the order of
 * the walk, such as the start of a step that takes a moment, is not said.
 */
export function tellEvent(event: DeploymentEvent, view: DeploymentView, timeZone?: string): Line[] {
  switch (event.type) {
    case 'deployment.queued':
      return tellRequest(event)
    case 'deployment.claimed':
      return [[event.attempt === 1 ? `planning on ${event.worker}` : tellAttempt(event)]]
    case 'deployment.planned':
      return [
        [`planned: ${describePlan({ ...event.plan, hosts: event.plan.hosts.length })}`],
        ...warningLines(event.plan.warnings),
      ]
    case 'deployment.waiting':
      return [waitLine(event.waitingFor)]
    case 'deployment.commanded':
      return [commandLine(event)]
    case 'command.refused':
      return [
        [painted('not carried out', 'red'), `, what ${event.by} asked for: ${describeFailure(event.failure)}`],
        ...hintLines(event.failure, { id: idOf(view) }),
      ]
    case 'deployment.superseded':
      return [[`superseded by ${event.by} (${event.version})`]]
    case 'deployment.paused':
      return [pauseLine(event.by, idOf(view))]
    case 'deployment.gated':
      return gateLines(event.gate, { id: idOf(view), limit: `until ${clockTime(event.gate.until, timeZone)}` })
    case 'deployment.resumed':
      return [[painted('goes on', 'green'), event.by === undefined ? '' : `, as ${event.by} says`]]
    case 'hosts.requeued':
      return [tellRequeue(event)]
    case 'deployment.ended':
      return tellEnd(event, view)
    case 'host.claimed':
      return event.attempt === 1 ? [] : [[tellAttempt(event)]]
    case 'host.turned':
      return [[painted('turns back', 'yellow'), `: ${event.why}`]]
    case 'step.started':
      return tellStart(event, view)
    case 'step.waiting':
      return [waitLine(event.waitingFor)]
    case 'step.ended':
      return tellStepEnd(event)
    case 'servers.snapshotted':
      return event.leftOut ? [['an earlier deployment had left it out of rotation']] : []
    case 'servers.seen':
      return [[describeServers(event.servers)]]
    case 'servers.returned':
      return [[painted('back in rotation', 'red'), `: ${event.cause}`]]
    case 'release.seen':
      return [[`${event.release} is current, by the host itself`]]
    case 'release.reverted':
      return [[event.release === undefined ? 'the release is taken back' : `release ${event.release} is back in place`]]
    case 'release.introduced':
      return [
        [`release ${event.release} is in place`, event.previous === undefined ? '' : `, before it ${event.previous}`],
      ]
    case 'host.ended':
      return tellHostEnd(event, view)
    case 'log.appended':
      return event.lines.map(({ stream, text }) => [painted('| ', stream === 'stderr' ? 'yellow' : 'dim'), text])
  }
  return []
}

type Event<Type extends DeploymentEvent['type']> = Extract<DeploymentEvent, { type: Type }>

function tellRequest({ spec, requestedBy }: Event<'deployment.queued'>): Line[] {
  const { application, version, environment, reason } = spec
  const why = reason === undefined ? '' : `: ${reason}`
  return [[`${application} ${version} to ${environment}, asked for by ${requestedBy}${why}`]]
}

function tellAttempt({ worker, attempt }: Event<'deployment.claimed' | 'host.claimed'>): string {
  return `taken up again by ${worker}, attempt ${attempt}`
}

function idOf({ deployment }: DeploymentView): string {
  return deployment.id
}

function tellRequeue({ hosts, intent, by, leftOut, gone, changed }: Event<'hosts.requeued'>): Line {
  const what = intent === 'rollback' ? 'rolls back' : 'tries again'
  const who = `as ${by} says`
  if (hosts.length === 0) return [painted(what, 'yellow'), ` no host, ${who}: none is left to`]
  const without = [
    ...(leftOut ? [`; without ${leftOut.join(', ')}, which run what another deployment left`] : []),
    ...(gone ? [`; without ${gone.join(', ')}, which the inventory no longer has`] : []),
    ...(changed ? [`; ${changed.map(({ target }) => `${target.name} is now at ${target.address}`).join(', ')}`] : []),
  ].join('')
  return [painted(what, 'yellow'), ` ${countHosts(hosts.length)}, ${who}: ${hosts.join(', ')}${without}`]
}

function tellStart({ host, step }: Event<'step.started'>, { deployment, hosts }: DeploymentView): Line[] {
  const isWayBack = hosts.find(({ target }) => target.name === host)?.intent === 'rollback'
  if (step === 'deploy' && isWayBack) return [[dim('bringing back '), 'the release before']]
  if (step === 'deploy') return [[dim('introducing '), deployment.plan?.release.id ?? deployment.spec.version]]
  return step === 'restart' ? [[dim('running '), describeRestart(deployment.spec.service)]] : []
}

function tellStepEnd({ outcome, durationMs, note }: Event<'step.ended'>): Line[] {
  const words = { succeeded: 'done in', failed: 'failed after', skipped: 'skipped after' } as const
  const took = `${words[outcome]} ${formatDuration(durationMs)}`
  return [[painted(took, colourOf(outcome)), note === undefined ? '' : `: ${note}`]]
}

const traffic = {
  untouched: 'its traffic was not touched',
  restored: 'its traffic is back',
  drained: 'it gets no traffic',
  partial: 'its traffic is not as it was before',
  unknown: 'whether it gets traffic is not known',
} as const

function tellHostEnd(
  { host, outcome, failure, traffic: left, isVersionProven }: Event<'host.ended'>,
  { deployment }: DeploymentView,
): Line[] {
  const why = failure ? `: ${describeFailure(failure)}` : ''
  const proof = isVersionProven === false ? painted(', version not proven', 'yellow') : ''
  return [
    [painted(outcome, colourOf(outcome)), proof, `${why}; ${traffic[left]}`],
    ...hintLines(failure, { id: deployment.id, host }),
  ]
}

function tellEnd(
  { outcome, failure, note, at }: Event<'deployment.ended'>,
  { deployment, hosts }: DeploymentView,
): Line[] {
  const took = formatDuration(Date.parse(at) - Date.parse(deployment.createdAt))
  const what = failure ? `: ${describeFailure(failure)}` : `, ${note ?? countHosts(hosts.length)}`
  return [[painted(outcome, colourOf(outcome)), ` after ${took}${what}`], ...hintLines(failure, { id: deployment.id })]
}
