import { durationMs, type LoadBalancer, type Margins, type Proof } from '@vesemir/contract'

/** How traffic is taken from a host and given back, ready to act on. */
export interface TrafficPolicy {
  guardTimeoutMs: number
  drainTimeoutMs: number
  drainDeadlineMs: number
  onDrainTimeout: 'abort' | 'proceed' | 'cut'
  healthyTimeoutMs: number
  proof: Proof
  /** The weights on the way back, in percent of what they were, each for the degradation time. */
  weightPercents: readonly [number, ...number[]]
  degradationTimeMs: number
  maxRegression: Margins | undefined
}

/** Reads the policy from the settings; without a load balancer there is nothing to wait for. */
export function trafficPolicy(settings: LoadBalancer): TrafficPolicy {
  switch (settings.kind) {
    case 'haproxy':
      return {
        guardTimeoutMs: durationMs(settings.guardTimeout),
        drainTimeoutMs: durationMs(settings.drainTimeout),
        drainDeadlineMs: durationMs(settings.drainDeadline),
        onDrainTimeout: settings.onDrainTimeout,
        healthyTimeoutMs: durationMs(settings.healthyTimeout),
        proof: settings.proof ?? 'check',
        weightPercents: percentsOf(settings),
        degradationTimeMs: durationMs(settings.degradationTime),
        maxRegression: settings.maxRegression,
      }
    case 'none':
      return {
        guardTimeoutMs: 0,
        drainTimeoutMs: 0,
        drainDeadlineMs: 0,
        onDrainTimeout: 'proceed',
        healthyTimeoutMs: 0,
        proof: 'check',
        weightPercents: [100],
        degradationTimeMs: 0,
        maxRegression: undefined,
      }
  }
}

function percentsOf({
  weights = [],
  degradedWeight,
}: Extract<LoadBalancer, { kind: 'haproxy' }>): [number, ...number[]] {
  const [first = degradedWeight, ...later] = weights
  return [inPercent(first), ...later.map(inPercent)]
}

function inPercent(weight: string): number {
  return Number.parseInt(weight, 10)
}
