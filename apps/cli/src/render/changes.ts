import type { PlanChanges } from '@vesemir/contract'
import { describeChange, describePlanChanges, quiet, type Text } from '@vesemir/words'

interface ChangesOptions {
  version: string
  /** The most lines of each part. */
  most?: number
}

/** Shows what a deployment changes: the versions, the page that compares them, then commits and settings. */
export function changeLines(changes: PlanChanges, { version, ...options }: ChangesOptions): Text[] {
  const change = describeChange(changes.running, version)
  return [
    ...(change === undefined ? [] : [[change]]),
    ...(changes.compareUrl === undefined ? [] : [[quiet(changes.compareUrl)]]),
    ...describePlanChanges(changes, options).flatMap(({ title, lines }): Text[] => [
      [title],
      ...lines.map((line) => [`  ${line}`]),
    ]),
  ]
}
