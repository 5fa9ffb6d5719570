import type { Plan, RunningVersion } from '@vesemir/contract'
import { isLowerVersion } from '@vesemir/core'
import { count } from './count.ts'
import { toned, type Text } from './text.ts'

type Planned = Pick<Plan, 'boxes' | 'concurrency' | 'waves' | 'release'>

/** Describes what a deployment will do: `6 hosts in 2 waves, at most 2 at a time, behind lb1, lb2, release 2.0.0-ab12`. */
export function describePlan({ hosts, ...plan }: Planned & { hosts: number }): string {
  return `${count(hosts, 'host')} in ${count(plan.waves.length, 'wave')}, ${describePace(plan)}`
}

/** Describes how fast, behind which boxes and with which release: `at most 2 at a time, behind lb1, release 2.0.0-ab12`. */
export function describePace({ boxes, concurrency, release }: Omit<Planned, 'waves'>): string {
  const behind = boxes.length === 0 ? '' : `, behind ${boxes.map(({ name }) => name).join(', ')}`
  return `at most ${concurrency} at a time${behind}, release ${release.id}`
}

/**
 * Describes what becomes of the versions that run: `1.4.1 on 18 hosts, 1.4.0 on 2 hosts → 1.5.0`. Says on how many hosts the version runs
 * already, and where it is lower than what runs. Nothing where nothing is known.
 */
export function describeChange(running: readonly RunningVersion[], version: string): string | undefined {
  const others = running.filter((known) => known.version !== version)
  const same = running.find((known) => known.version === version)
  const already = same
    ? `${count(same.hosts, 'host')} already ${same.hosts === 1 ? 'runs' : 'run'} ${version}`
    : undefined
  if (others.length === 0) return already
  const from = others.map((known) => `${known.version} on ${count(known.hosts, 'host')}`).join(', ')
  const isLower = others.some((known) => isLowerVersion(version, known.version))
  return [`${from} → ${version}${isLower ? ', a lower version' : ''}`, ...(already ? [already] : [])].join('; ')
}

/** Describes what planning found that a person may want to fix. */
export function describeWarnings(warnings: readonly string[]): Text[] {
  return warnings.map((warning) => [toned('warning: ', 'waiting'), warning])
}
