import type { ApplicationHost, RunningVersion } from '@vesemir/contract'

/** Counts what these hosts run, most hosts first; hosts of which that is not known are left out. */
export function countVersions(hosts: ReadonlySet<string>, known: readonly ApplicationHost[]): RunningVersion[] {
  const counts = new Map<string, number>()
  for (const { host, runs, mayRun } of known)
    if (runs && !mayRun && hosts.has(host)) counts.set(runs.version, (counts.get(runs.version) ?? 0) + 1)
  return [...counts].map(([version, hosts]) => ({ version, hosts })).toSorted((a, b) => b.hosts - a.hosts)
}

const numbered = /^v?(\d+(?:\.\d+)+)/

/** Returns whether a version has lower numbers than another: 1.9.0 than 1.10.0. What follows the numbers is not compared. */
export function isLowerVersion(version: string, other: string): boolean {
  const [one, two] = [version, other].map((text) => numbered.exec(text)?.[1]?.split('.').map(Number))
  if (!one || !two) return false
  const length = Math.max(one.length, two.length)
  const differences = Array.from({ length }, (_, place) => (one[place] ?? 0) - (two[place] ?? 0))
  return (differences.find((difference) => difference !== 0) ?? 0) < 0
}
