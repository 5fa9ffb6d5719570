import type { Questions } from '@vesemir/store/queue'
import { previewPlan, type Clock, type HostHistory, type PlanningPorts } from '@vesemir/core'
import type { ClusterPorts } from '../cluster-ports.ts'
import { warnOfHosts } from './warn-of-hosts.ts'

interface PlanDeps {
  hostHistory: HostHistory
  ports: ClusterPorts & Pick<PlanningPorts, 'rules'>
  clock: Clock
}

/**
 * Answers what a deployment would do: by the machines as they are, what its hosts lack for it, and how long the application's hosts
 * usually take.
 */
export async function answerPlan(
  { spec }: Questions['plan']['asked'],
  { hostHistory, ports, clock }: PlanDeps,
  signal: AbortSignal,
): Promise<Questions['plan']['answer']> {
  const preview = await previewPlan(spec, ports, {
    signal,
    nowMs: clock.now(),
    typicalHostMs: await hostHistory.typicalDurationMs(spec),
  })
  const { plan } = preview
  const lacks = await warnOfHosts(plan, { ...ports, spec, clock }, signal)
  return { ...preview, plan: { ...plan, warnings: [...plan.warnings, ...lacks] } }
}
