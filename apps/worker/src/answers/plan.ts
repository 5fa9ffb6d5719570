import type { Questions } from '@vesemir/store/queue'
import { previewPlan, type Clock, type HostHistory, type PlanningPorts } from '@vesemir/core'
import type { ClusterPorts } from '../cluster-ports.ts'

interface PlanDeps {
  hostHistory: HostHistory
  ports: ClusterPorts & Pick<PlanningPorts, 'rules'>
  clock: Pick<Clock, 'now'>
}

/** Answers what a deployment would do: by the machines as they are, and how long the application's hosts usually take. */
export async function answerPlan(
  { spec }: Questions['plan']['asked'],
  { hostHistory, ports, clock }: PlanDeps,
  signal: AbortSignal,
): Promise<Questions['plan']['answer']> {
  return previewPlan(spec, ports, {
    signal,
    nowMs: clock.now(),
    typicalHostMs: await hostHistory.typicalDurationMs(spec),
  })
}
