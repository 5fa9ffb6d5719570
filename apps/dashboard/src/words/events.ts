import type { DeploymentEvent } from '@vesemir/contract'
import { count, listFew } from './count.ts'
import { deploymentStatuses, hostStatuses, stepWords, trafficWords } from './status.ts'
import { clockTime, formatDuration } from './time.ts'

/** A line of the log that tells an event in words. */
export interface Told {
  kind: 'fact' | 'failure'
  text: string
}

/** Says an event in words, or nothing: output lines are shown as they are, and what the grid shows well is left to it. */
export function tellEvent(event: DeploymentEvent): Told | undefined {
  switch (event.type) {
    case 'deployment.queued':
      return fact(
        `${event.spec.application} ${event.spec.version} to ${event.spec.environment}, asked for by ${event.requestedBy}`,
      )
    case 'deployment.waiting':
    case 'step.waiting':
      return fact(`waits for ${event.waitingFor}`)
    case 'deployment.claimed':
    case 'host.claimed':
      return event.attempt === 1
        ? fact(`taken up by ${event.worker}`)
        : fact(`taken over by ${event.worker}, attempt ${event.attempt}`)
    case 'deployment.planned':
      return fact(`planned: ${count(event.plan.hosts.length, 'host')} in ${count(event.plan.waves.length, 'wave')}`)
    case 'deployment.commanded':
      return fact(tellCommanded(event))
    case 'command.refused':
      return {
        kind: 'failure',
        text: `not carried out, what ${event.by} asked for: ${event.failure.message} (${event.failure.code})`,
      }
    case 'deployment.superseded':
      return fact(`superseded by ${event.by} (${event.version})`)
    case 'deployment.paused':
      return fact(`paused by ${event.by}`)
    case 'deployment.gated':
      return fact(tellGate(event.gate))
    case 'deployment.resumed':
      return fact(event.by === undefined ? 'goes on' : `goes on, as ${event.by} says`)
    case 'hosts.requeued':
      return fact(tellRequeued(event))
    case 'deployment.ended':
      return tellEnd(event)
    case 'step.ended':
      return tellStepEnd(event)
    case 'host.turned':
      return fact(`turns back: ${event.why}`)
    case 'servers.snapshotted':
      return event.leftOut ? fact('an earlier deployment had left it out of rotation') : undefined
    case 'servers.returned':
      return { kind: 'failure', text: `back in rotation, and put right: ${event.cause}` }
    case 'release.seen':
      return fact(`${event.release} is current, by the host itself`)
    case 'release.reverted':
      return fact(
        event.release === undefined ? 'the release is taken back' : `release ${event.release} is back in place`,
      )
    case 'release.introduced':
      return fact(
        `release ${event.release} is in place${event.previous === undefined ? '' : `, before it ${event.previous}`}`,
      )
    case 'host.ended':
      return tellHostEnd(event)
    case 'step.started':
    case 'servers.seen':
    case 'log.appended':
      return undefined
  }
}

type Event<Type extends DeploymentEvent['type']> = Extract<DeploymentEvent, { type: Type }>

function fact(text: string): Told {
  return { kind: 'fact', text }
}

function tellRequeued({ intent, by, hosts, leftOut, gone }: Event<'hosts.requeued'>): string {
  const without = [
    ...(leftOut ? [`; without ${listFew(leftOut, 8)}, which run what another deployment left`] : []),
    ...(gone ? [`; without ${listFew(gone, 8)}, which the inventory no longer has`] : []),
  ].join('')
  return `${intent === 'rollback' ? 'rolls back' : 'tries again'}, as ${by} says: ${listFew(hosts, 8)}${without}`
}

function tellCommanded({ command, by }: Event<'deployment.commanded'>): string {
  const how = command.command === 'cancel' && command.now ? ' at once' : ''
  const why = command.reason === undefined ? '' : `: ${command.reason}`
  return `${command.command}${how}, says ${by}${why}`
}

function tellGate(gate: Event<'deployment.gated'>['gate']): string {
  switch (gate.kind) {
    case 'pause':
      return `stands still after wave ${gate.afterWave}, until ${clockTime(gate.until)}`
    case 'approval':
      return `waits for approval after wave ${gate.afterWave}`
    case 'failure':
      return `asks what to do about ${listFew(gate.hosts, 8)}`
  }
}

function tellStepEnd({ step, outcome, durationMs, note }: Event<'step.ended'>): Told {
  const { label } = stepWords[step]
  const words = { succeeded: 'done in', failed: 'failed after', skipped: 'skipped after' } as const
  const text = `${label} ${words[outcome]} ${formatDuration(durationMs)}${note === undefined ? '' : `: ${note}`}`
  return { kind: outcome === 'failed' ? 'failure' : 'fact', text }
}

function tellHostEnd({ outcome, failure, traffic, isVersionProven }: Event<'host.ended'>): Told {
  const { label, tone } = hostStatuses[outcome]
  const why = failure ? `: ${failure.message} (${failure.code})` : ''
  const proof = isVersionProven === false ? ', version not proven' : ''
  return { kind: tone === 'bad' ? 'failure' : 'fact', text: `${label}${proof}${why}; ${trafficWords[traffic]}` }
}

function tellEnd({ outcome, failure, note }: Event<'deployment.ended'>): Told {
  const why = failure ? `: ${failure.message} (${failure.code})` : note === undefined ? '' : `: ${note}`
  return { kind: outcome === 'failed' ? 'failure' : 'fact', text: `${deploymentStatuses[outcome]}${why}` }
}
