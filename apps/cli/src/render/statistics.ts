import { stepNames, type Percentiles, type StatisticsReport, type StatisticsSummary } from '@vesemir/contract'
import { weeksIn } from '@vesemir/core'
import { formatDuration, strong, toned, type Text } from '@vesemir/words'
import { table } from './table.ts'

/** Shows statistics: a line for each application's environment, then one for each step, each step with its weeks. */
export function statisticsLines(report: StatisticsReport): Text[] {
  const { places, weeks, total } = report
  const counted = weeksIn(report)
  const titles = ['application', 'environment', 'deployments', 'per week', 'failed', 'lead time', 'time to restore']
  const rows = places.map(({ application, environment, ...summary }): Text[] => [
    [strong(application)],
    [environment],
    ...summaryCells(summary, counted),
  ])
  const sum: Text[][] = places.length > 1 ? [[[strong('all')], [''], ...summaryCells(total, counted)]] : []
  const trend = sparkline(weeks.map(({ deployments }) => deployments))
  return [
    ...table(titles, [...rows, ...sum]),
    [''],
    [`Deployments by week: ${trend}`],
    [''],
    ...stepLines(total, weeks),
  ]
}

function summaryCells({ deployments, failureRate, leadTime, restoreTime }: StatisticsSummary, weeks: number): Text[] {
  const failed = failureRate === undefined ? '' : `${Math.round(failureRate * 100)}%`
  return [
    [String(deployments)],
    [(deployments / weeks).toFixed(1)],
    [failureRate ? toned(failed, 'bad') : failed],
    [median(leadTime)],
    [median(restoreTime)],
  ]
}

function stepLines(total: StatisticsSummary, weeks: StatisticsReport['weeks']): Text[] {
  const rows = stepNames.flatMap((step): Text[][] => {
    const taken = total.steps[step]
    const trend = sparkline(weeks.map(({ steps }) => steps[step]?.p50Ms))
    return taken
      ? [[[strong(step)], [formatDuration(taken.p50Ms)], [formatDuration(taken.p90Ms)], [String(taken.count)], [trend]]]
      : []
  })
  return rows.length === 0 ? [] : table(['step', 'p50', 'p90', 'hosts', 'p50 by week'], rows)
}

function median(percentiles: Percentiles | undefined): string {
  return percentiles ? formatDuration(percentiles.p50Ms) : ''
}

const bars = '▁▂▃▄▅▆▇█'

/** Draws values as bars, one character each; a value that is not there is a dot. */
export function sparkline(values: readonly (number | undefined)[]): string {
  const highest = Math.max(1, ...values.map((value) => value ?? 0))
  return values
    .map((value) => (value === undefined ? '·' : bars[Math.round((value / highest) * (bars.length - 1))]!))
    .join('')
}
