import type { HostRecord, StepName } from '@vesemir/contract'

/** Returns the median of what a step took on the hosts where it succeeded, in milliseconds; undefined without any. */
export function medianStepMs(hosts: readonly HostRecord[], step: StepName): number | undefined {
  const took = hosts.flatMap(({ steps }) =>
    steps.flatMap((record) => (record.step === step && record.status === 'succeeded' ? [record.durationMs ?? 0] : [])),
  )
  return took.toSorted((a, b) => a - b)[Math.floor(took.length / 2)]
}
