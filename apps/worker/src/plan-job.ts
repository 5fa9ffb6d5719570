import type { Records } from '@vesemir/adapters/record'
import type { DeploymentSpec, PlanPreview } from '@vesemir/contract'
import { previewPlan } from '@vesemir/core'
import type { ClusterPorts } from './cluster-ports.ts'

interface PlanJobDeps {
  records: Pick<Records, 'typicalDurationMs'>
  ports: ClusterPorts
}

/** Makes what answers plans: a look at the machines as they are, and at how long the application's hosts usually take. */
export function createPlanJob({ records, ports }: PlanJobDeps) {
  return async (spec: DeploymentSpec, signal: AbortSignal): Promise<PlanPreview> =>
    previewPlan(spec, ports, { signal, typicalHostMs: await records.typicalDurationMs(spec) })
}
