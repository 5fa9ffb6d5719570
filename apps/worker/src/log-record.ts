import type { DeploymentFact, HostFact } from '@vesemir/contract'
import type { Log } from '@vesemir/process/log'
import type { RecordObserver } from './observe-record.ts'

type Fact = DeploymentFact | HostFact

/** The facts that the log tells too: where a deployment and its hosts are. All that happened is in the record. */
const levels: Partial<Record<Fact['type'], 'debug' | 'info'>> = {
  'deployment.planned': 'info',
  'deployment.gated': 'info',
  'deployment.paused': 'info',
  'deployment.resumed': 'info',
  'hosts.requeued': 'info',
  'command.refused': 'info',
  'task.started': 'info',
  'task.ended': 'info',
  'deployment.ended': 'info',
  'step.started': 'debug',
  'step.waiting': 'info',
  'step.ended': 'info',
  'host.turned': 'info',
  'host.ended': 'info',
}

/** What a line says of a fact: names and figures, no text of hosts. */
const told = new Set(['host', 'step', 'task', 'on', 'outcome', 'durationMs', 'intent', 'by'])

/** Creates what logs the course of deployments: `deployment.ended` as "deployment ended". */
export function logRecord(log: Log): RecordObserver {
  return {
    written(fact, { deployment, attempt }) {
      const level = levels[fact.type]
      if (!level || !log.isLevelEnabled(level)) return
      const { id, request, spec } = deployment
      const { application, environment } = spec
      const details = Object.fromEntries(Object.entries(fact).filter(([name]) => told.has(name)))
      const code = 'failure' in fact ? fact.failure?.code : undefined
      const line = { deployment: id, application, environment, ...details, attempt, code, request }
      log[level](line, fact.type.replace('.', ' '))
    },
  }
}
