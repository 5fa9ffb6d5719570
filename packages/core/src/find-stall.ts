import { durationMs, type DeploymentSpec, type DeploymentView, type StepName } from '@vesemir/contract'
import { medianStepMs } from './median-step-ms.ts'
import { listTasks } from './next-task.ts'

/** A host whose step takes much longer than on other hosts, or than its limit. */
export interface OverdueStep {
  host: string
  step: StepName
  spentMs: number
  usualMs: number
}

/** How a deployment is stalled. */
export interface Stall {
  /** For how long nothing has changed on any host, where that is long. */
  quietMs?: number
  /** The longest first. */
  overdue: OverdueStep[]
}

/** A deployment whose hosts are all waiting for their job is quiet; a worker takes one within a second or two. */
const quietLimitMs = 30_000
const slackMs = 30_000

/**
 * Returns how a deployment is stalled; undefined where it progresses, has ended, or waits for a person or another deployment. A step is
 * overdue after twice its median on other hosts and 30 s more; before the first has ended, after its limit in the settings and 30 s more.
 */
export function findStall(view: DeploymentView, nowMs: number): Stall | undefined {
  if (!shouldProgress(view)) return undefined
  const quietMs = nowMs - lastChangeMs(view)
  const overdue = findOverdueSteps(view, nowMs)
  const isWalking = view.hosts.some(({ state }) => state.status === 'running') || isAtTask(view.deployment, nowMs)
  const isQuiet = quietMs > quietLimitMs && (overdue.length > 0 || !isWalking)
  return isQuiet || overdue.length > 0 ? { ...(isQuiet ? { quietMs } : {}), overdue } : undefined
}

/** Returns whether workers should be at work on a deployment now: it has not ended, and waits for no person and no other deployment. */
export function shouldProgress({ deployment: { state } }: Pick<DeploymentView, 'deployment'>): boolean {
  if (state.status === 'queued') return state.waitingFor === undefined
  return state.status === 'planning' || state.status === 'running'
}

/** Whether a task is running that may still take its time. */
function isAtTask(deployment: DeploymentView['deployment'], nowMs: number): boolean {
  return listTasks(deployment).some(
    ({ task, record }) =>
      record?.status === 'running' && nowMs < Date.parse(record.startedAt) + durationMs(task.timeout) + slackMs,
  )
}

function lastChangeMs({ deployment, hosts }: DeploymentView): number {
  const { state, createdAt, commands, tasks = [] } = deployment
  const times = [
    createdAt,
    ...('since' in state ? [state.since] : []),
    ...commands.map(({ at }) => at),
    ...tasks.map(({ startedAt, durationMs: tookMs = 0 }) => new Date(Date.parse(startedAt) + tookMs).toISOString()),
    ...hosts.flatMap(({ state: host, steps }) => [
      ...('since' in host ? [host.since] : []),
      ...('endedAt' in host ? [host.endedAt] : []),
      ...steps.map(({ startedAt }) => startedAt),
    ]),
  ]
  return times.reduce((latest, time) => Math.max(latest, Date.parse(time)), 0)
}

function findOverdueSteps({ deployment, hosts }: DeploymentView, nowMs: number): OverdueStep[] {
  const usual = new Map<StepName, number | undefined>()
  const overdue = hosts.flatMap((host): OverdueStep[] => {
    const { state, target } = host
    if (state.status !== 'running') return []
    const { step } = state
    const spentMs = nowMs - Date.parse(host.steps.find((known) => known.step === step)?.startedAt ?? state.since)
    if (!usual.has(step)) usual.set(step, medianStepMs(hosts, step))
    const known = usual.get(step)
    const usualMs = known ?? limitMs(step, deployment.spec)
    const dueMs = (known === undefined ? usualMs : 2 * usualMs) + slackMs
    return spentMs > dueMs ? [{ host: target.name, step, spentMs, usualMs }] : []
  })
  return overdue.sort((a, b) => b.spentMs - a.spentMs)
}

/** For steps without a limit in the settings. */
const defaultLimitMs = 30_000

/** Returns how long a step may take by the settings; hooks have a limit of their own. */
function limitMs(step: StepName, spec: DeploymentSpec): number {
  return limitsMs(spec)[step] ?? defaultLimitMs
}

function limitsMs({
  loadBalancer,
  changeset,
  service,
  healthCheck,
}: DeploymentSpec): Partial<Record<StepName, number>> {
  const ofService = {
    deploy: durationMs(changeset.timeout),
    restart: durationMs(service.timeout),
    verify: durationMs(healthCheck.deadline),
    restore: durationMs(healthCheck.deadline),
  }
  if (loadBalancer.kind === 'none') return ofService
  const { guardTimeout, drainTimeout, drainDeadline, healthyTimeout, degradationTime, weights = [] } = loadBalancer
  return {
    ...ofService,
    guard: durationMs(guardTimeout),
    drain: durationMs(drainTimeout) + durationMs(drainDeadline),
    enable: durationMs(healthyTimeout),
    soak: durationMs(degradationTime) * Math.max(1, weights.length),
  }
}
