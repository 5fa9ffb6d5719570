import { durationMs, type DeploymentSpec, type Plan, type PlanPreview, type ServerState } from '@vesemir/contract'
import { warnOfRules } from './access/rules.ts'
import { describeSteps } from './describe-steps.ts'
import { describeTasks } from './describe-tasks.ts'
import { estimateMs } from './estimate.ts'
import { refuseMissed } from './find-behind.ts'
import { isLowCapacity } from './least-capacity.ts'
import { makePlan, type PlanningPorts } from './run-rollout.ts'
import { describeServer } from './servers.ts'

export interface PreviewOptions {
  signal: AbortSignal
  nowMs: number
  /** What one of the application's hosts usually takes, if that is known. */
  typicalHostMs?: number | undefined
}

/**
 * Finds out what a deployment would do, with the servers as they are now; changes nothing. A shuffle without a seed goes
 * by the plan's id, so that the plan is deployed in the same order.
 * @throws {VesemirError} as `makePlan` and `refuseMissed`
 */
export async function previewPlan(
  spec: DeploymentSpec,
  ports: PlanningPorts,
  { signal, nowMs, typicalHostMs }: PreviewOptions,
): Promise<PlanPreview> {
  const { plan, servers } = await makePlan({ id: 'preview', spec }, ports, signal)
  if (plan.only) refuseMissed(plan.only, spec.version)
  const estimate =
    typicalHostMs === undefined ? undefined : estimateMs(plan.waves, { typicalHostMs, waitsMs: waitsMs(spec) })
  return {
    plan: { ...plan, warnings: [...plan.warnings, ...warnOfRules(spec, ports.rules, nowMs)] },
    servers: inPlanOrder(plan, servers),
    steps: describeSteps(spec, plan.release),
    ...(spec.tasks?.length ? { tasks: describeTasks(spec) } : {}),
    needsYes: (plan.capacity ?? []).some(isLowCapacity) && !spec.acceptLowCapacity,
    ...(estimate === undefined ? {} : { estimateSeconds: Math.ceil(estimate / 1000) }),
  }
}

function inPlanOrder({ hosts }: Plan, servers: readonly ServerState[]): ServerState[] {
  const states = new Map(servers.map((server) => [describeServer(server), server]))
  return hosts.flatMap((host) => host.servers.map((server) => states.get(describeServer(server))!))
}

/** The gates that open by themselves. How long people take is not known. */
function waitsMs({ rollout }: DeploymentSpec): { afterWave: number; ms: number }[] {
  return rollout.gates.flatMap(({ afterWave, wait }) =>
    wait === 'approval' ? [] : [{ afterWave, ms: durationMs(wait) }],
  )
}
