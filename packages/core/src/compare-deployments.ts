import {
  stepNames,
  type Deployment,
  type DeploymentStatus,
  type DeploymentView,
  type HostRecord,
  type HostStatus,
  type StepName,
} from '@vesemir/contract'
import { compareSettings, type SettingDifference } from './changes/compare-settings.ts'
import { isSameJson } from './is-same-json.ts'
import { medianStepMs } from './median-step-ms.ts'
import { runningMs } from './running-ms.ts'

/** What is compared of a deployment as a whole. */
export interface ComparedDeployment {
  id: string
  application: string
  environment: string
  version: string
  /** The name of the release's contents; absent before the deployment was planned. */
  release?: string
  requestedBy: string
  /** Set where a schedule asked for it. */
  bySchedule?: true
  createdAt: string
  reason?: string
  status: DeploymentStatus
  /** How long it took, without the time between its end and a retry; absent before its end. */
  durationMs?: number
}

/** How a host stands in a deployment: the step that failed, and the error code. */
export interface HostOutcome {
  status: HostStatus
  step?: StepName
  code?: string
}

/** What a value is in each of two deployments; absent in the one that does not have it. */
interface Compared<Value> {
  first?: Value
  second?: Value
}

/** Two deployments side by side. */
export interface DeploymentComparison {
  first: ComparedDeployment
  second: ComparedDeployment
  /** Settings that differ, by path. Where a value may hold a secret, it is only said that there is one. */
  settings: SettingDifference[]
  /** Hosts whose outcome differs, in the order of the deployments. */
  hosts: ({ host: string } & Compared<HostOutcome>)[]
  /** What each step took, in milliseconds: the median of the hosts on which it succeeded. Walks that rolled back are not counted. */
  steps: ({ step: StepName } & Compared<number>)[]
}

/** Compares two deployments: versions, who and when, the settings and hosts that differ, and what the steps took. */
export function compareDeployments(first: DeploymentView, second: DeploymentView): DeploymentComparison {
  return {
    first: summaryOf(first.deployment),
    second: summaryOf(second.deployment),
    settings: compareSettings(first.deployment, {
      spec: second.deployment.spec,
      secrets: second.deployment.plan?.secrets,
    }),
    hosts: compareHosts(first.hosts, second.hosts),
    steps: compareSteps(first.hosts, second.hosts),
  }
}

function summaryOf(deployment: Deployment): ComparedDeployment {
  const { id, spec, plan, requestedBy, createdAt, state } = deployment
  return {
    id,
    application: spec.application,
    environment: spec.environment,
    version: spec.version,
    ...(plan ? { release: plan.release.id } : {}),
    requestedBy,
    ...(spec.converges?.bySchedule ? { bySchedule: true as const } : {}),
    createdAt,
    ...(spec.reason === undefined ? {} : { reason: spec.reason }),
    status: state.status,
    ...('endedAt' in state ? { durationMs: runningMs(deployment, Date.parse(state.endedAt)) } : {}),
  }
}

function compareHosts(first: readonly HostRecord[], second: readonly HostRecord[]): DeploymentComparison['hosts'] {
  const [before, after] = [outcomesOf(first), outcomesOf(second)]
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((host) => !isSameJson(before.get(host), after.get(host)))
    .map((host) => ({ host, ...compared(before.get(host), after.get(host)) }))
}

function outcomesOf(hosts: readonly HostRecord[]): Map<string, HostOutcome> {
  return new Map(
    hosts.map(({ target, state, steps }) => {
      const failed = steps.find(({ status }) => status === 'failed')
      const code = 'failure' in state ? state.failure?.code : undefined
      const outcome = {
        status: state.status,
        ...(failed && code !== undefined ? { step: failed.step } : {}),
        ...(code === undefined ? {} : { code }),
      }
      return [target.name, outcome]
    }),
  )
}

function compareSteps(first: readonly HostRecord[], second: readonly HostRecord[]): DeploymentComparison['steps'] {
  const [before, after] = [first, second].map((hosts) => hosts.filter(({ intent }) => intent === 'deploy'))
  return stepNames
    .map((step) => ({ step, ...compared(medianStepMs(before!, step), medianStepMs(after!, step)) }))
    .filter((row) => 'first' in row || 'second' in row)
}

function compared<Value>(first: Value | undefined, second: Value | undefined): Compared<Value> {
  return { ...(first === undefined ? {} : { first }), ...(second === undefined ? {} : { second }) }
}
