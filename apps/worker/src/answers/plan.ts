import type { Questions } from '@vesemir/store/queue'
import { previewPlan, type HostHistory, type PlanningPorts } from '@vesemir/core'
import { warnOfHosts } from './warn-of-hosts.ts'
import type { TryHostPorts } from './try-host.ts'

interface PlanDeps {
  ports: PlanningPorts &
    TryHostPorts & {
      hostHistory: Pick<HostHistory, 'typicalDurationMs'>
    }
}

/**
 * Answers what a deployment would do: by the machines as they are, what its hosts lack for it, and how long the application's hosts
 * usually take.
 */
export async function answerPlan(
  { spec }: Questions['plan']['asked'],
  { ports }: PlanDeps,
  signal: AbortSignal,
): Promise<Questions['plan']['answer']> {
  const preview = await previewPlan(spec, ports, {
    signal,
    nowMs: ports.clock.now(),
    typicalHostMs: await ports.hostHistory.typicalDurationMs(spec),
  })
  const { plan } = preview
  const lacks = await warnOfHosts(plan, { ...ports, spec }, signal)
  return { ...preview, plan: { ...plan, warnings: [...plan.warnings, ...lacks] } }
}
