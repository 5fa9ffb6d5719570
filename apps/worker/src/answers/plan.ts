import type { Questions } from '@vesemir/store/queue'
import type { Records } from '@vesemir/store/record'
import { previewPlan } from '@vesemir/core'
import type { ClusterPorts } from '../cluster-ports.ts'

interface PlanDeps {
  records: Pick<Records, 'typicalDurationMs'>
  ports: ClusterPorts
}

/** Answers what a deployment would do: by the machines as they are, and how long the application's hosts usually take. */
export async function answerPlan(
  { spec }: Questions['plan']['asked'],
  { records, ports }: PlanDeps,
  signal: AbortSignal,
): Promise<Questions['plan']['answer']> {
  return previewPlan(spec, ports, { signal, typicalHostMs: await records.typicalDurationMs(spec) })
}
