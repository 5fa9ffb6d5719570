import type { DeploymentEvent, DeploymentView, StepName } from '@vesemir/contract'
import { describeRestart } from '@vesemir/core'
import { describeFailure, hintLines } from './failure.ts'
import { countHosts, describePlan, warningLines } from './plan.ts'
import { describeServers } from './servers.ts'
import { bold, colourOf, dim, painted, type Line } from './text.ts'
import { clockTime, formatDuration } from './time.ts'

/**
 * Says an event in words, in a line or more. `view` is the deployment with the event in it. What only repeats the order of
 * the walk, such as the start of a step that takes a moment, is not said.
 */
export function tellEvent(event: DeploymentEvent, view: DeploymentView): Line[] {
  switch (event.type) {
    case 'deployment.queued':
      return tellRequest(event)
    case 'deployment.claimed':
      return [[event.attempt === 1 ? `planning on ${event.worker}` : tellTakeover(event)]]
    case 'deployment.planned':
      return [
        [`planned: ${describePlan({ ...event.plan, hosts: event.plan.hosts.length })}`],
        ...warningLines(event.plan.warnings),
      ]
    case 'deployment.waiting':
      return [[painted('waits for ', 'yellow'), event.waitingFor]]
    case 'deployment.commanded':
      return [tellCommand(event)]
    case 'deployment.paused':
      return [
        [painted('paused', 'yellow'), ` by ${event.by}: no host is started. To go on: vesemir resume ${idOf(view)}`],
      ]
    case 'deployment.gated':
      return tellGate(event.gate, idOf(view))
    case 'deployment.resumed':
      return [[painted('goes on', 'green'), event.by === undefined ? '' : `, as ${event.by} says`]]
    case 'hosts.requeued':
      return [tellRequeue(event)]
    case 'deployment.ended':
      return tellEnd(event, view)
    case 'host.claimed':
      return event.attempt === 1 ? [] : [[tellTakeover(event)]]
    case 'step.started':
      return tellStart(event.step, view)
    case 'step.waiting':
      return [[painted('waits for ', 'yellow'), event.waitingFor]]
    case 'step.ended':
      return tellStepEnd(event)
    case 'servers.snapshotted':
      return event.leftOut ? [['an earlier deployment had left it out of rotation']] : []
    case 'servers.seen':
      return [[describeServers(event.servers)]]
    case 'servers.returned':
      return [[painted('back in rotation', 'red'), `: ${event.cause}`]]
    case 'release.introduced':
      return [
        [`release ${event.release} is in place`, event.previous === undefined ? '' : `, before it ${event.previous}`],
      ]
    case 'host.ended':
      return tellHostEnd(event, view)
    case 'log.appended':
      return event.lines.map(({ stream, text }) => [painted('| ', stream === 'stderr' ? 'yellow' : 'dim'), text])
  }
}

type Event<Type extends DeploymentEvent['type']> = Extract<DeploymentEvent, { type: Type }>

function tellRequest({ spec, requestedBy }: Event<'deployment.queued'>): Line[] {
  const { application, version, environment, reason } = spec
  const why = reason === undefined ? '' : `: ${reason}`
  return [[`${application} ${version} to ${environment}, asked for by ${requestedBy}${why}`]]
}

function tellTakeover({ worker, attempt }: Event<'deployment.claimed' | 'host.claimed'>): string {
  return `taken over by ${worker}, attempt ${attempt}`
}

function idOf({ deployment }: DeploymentView): string {
  return deployment.id
}

function tellCommand({ command, by }: Event<'deployment.commanded'>): Line {
  const how = command.command === 'cancel' && command.now ? ' at once' : ''
  const why = command.reason === undefined ? '' : `: ${command.reason}`
  return [bold(`${command.command}${how}`), `, says ${by}${why}`]
}

function tellGate(gate: Event<'deployment.gated'>['gate'], id: string): Line[] {
  switch (gate.kind) {
    case 'pause':
      return [[painted('pauses', 'yellow'), ` after wave ${gate.afterWave}, until ${clockTime(gate.until)}`]]
    case 'approval':
      return [
        [painted('waits for approval', 'yellow'), ` after wave ${gate.afterWave}, until ${clockTime(gate.until)}`],
        [dim(`vesemir approve ${id}, or vesemir reject ${id}`)],
      ]
    case 'failure':
      return [
        [
          painted('asks what to do', 'yellow'),
          ` about ${gate.hosts.join(', ')}; at ${clockTime(gate.until)} without an answer: ${gate.otherwise}`,
        ],
        [dim(`vesemir retry ${id}, vesemir skip ${id}, vesemir rollback ${id}, or vesemir cancel ${id}`)],
      ]
  }
}

function tellRequeue({ hosts, intent, by }: Event<'hosts.requeued'>): Line {
  const what = intent === 'rollback' ? 'rolls back' : 'tries again'
  return [painted(what, 'yellow'), ` ${countHosts(hosts.length)}, as ${by} says: ${hosts.join(', ')}`]
}

function tellStart(step: StepName, { deployment }: DeploymentView): Line[] {
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
  { host, outcome, failure, traffic: left }: Event<'host.ended'>,
  { deployment }: DeploymentView,
): Line[] {
  const why = failure ? `: ${describeFailure(failure)}` : ''
  return [
    [painted(outcome, colourOf(outcome)), `${why}; ${traffic[left]}`],
    ...hintLines(failure, { id: deployment.id, host }),
  ]
}

function tellEnd({ outcome, failure, at }: Event<'deployment.ended'>, { deployment, hosts }: DeploymentView): Line[] {
  const took = formatDuration(Date.parse(at) - Date.parse(deployment.createdAt))
  const what = failure ? `: ${describeFailure(failure)}` : `, ${countHosts(hosts.length)}`
  return [[painted(outcome, colourOf(outcome)), ` after ${took}${what}`], ...hintLines(failure, { id: deployment.id })]
}
