import type { DeploymentComparison } from '@vesemir/core'
import { describeComparison, quiet, type ReaderOptions, type Text } from '@vesemir/words'
import { table } from './table.ts'

/** Shows two deployments side by side, in tables. */
export function comparisonLines(comparison: DeploymentComparison, options: ReaderOptions = {}): Text[] {
  return describeComparison(comparison, options).flatMap(({ titles, rows, otherwise }, index) => [
    ...(index === 0 ? [] : [['']]),
    ...(rows.length > 0 ? table(titles, rows) : [[quiet(otherwise)]]),
  ])
}
