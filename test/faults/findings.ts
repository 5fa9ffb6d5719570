/** What can be wrong with a trial. */
export const findingNames = [
  'minHealthyBroken',
  'untrueRecords',
  'untrueHosts',
  'changedServers',
  'implausibleDurations',
  'walkedByTwo',
  'stuckJobs',
  'unexpected',
  'bugs',
] as const

/** Everything that is wrong, in words. */
export type Findings = Record<(typeof findingNames)[number], string[]>

/** Starts with nothing found. */
export function createFindings(): Findings {
  return Object.fromEntries(findingNames.map((name) => [name, [] as string[]])) as Findings
}
