import type { Tracing } from '@vesemir/process/tracing'
import type { RecordObserver } from './observe-record.ts'

/** Creates what makes the steps of a walk, and the tasks of a deployment, phases of its span, and says how walks and deployments have ended. */
export function traceRecord(tracing: Tracing): RecordObserver {
  return {
    written(fact, { attempt }) {
      const { span, phase } = tracing.active() ?? {}
      if (fact.type === 'step.started') {
        const { host, step } = fact
        tracing.enter(`step ${step}`, { 'vesemir.host': host, 'vesemir.step': step, 'vesemir.attempt': attempt })
      }
      if (fact.type === 'step.ended') {
        phase?.set({ 'vesemir.outcome': fact.outcome })
        if (fact.outcome === 'failed') phase?.fail('STEP_FAILED')
        tracing.enter()
      }
      if (fact.type === 'task.started') tracing.enter(`task ${fact.task}`, { 'vesemir.task': fact.task })
      if (fact.type === 'task.ended') {
        phase?.set({ 'vesemir.outcome': fact.outcome })
        if (fact.outcome === 'failed') phase?.fail('TASK_FAILED')
        tracing.enter()
      }
      if (fact.type === 'host.ended' || fact.type === 'deployment.ended') {
        span?.set({ 'vesemir.outcome': fact.outcome })
        if (fact.failure) span?.fail(fact.failure.code)
      }
    },
  }
}
