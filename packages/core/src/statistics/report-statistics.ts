import { stepNames, type DayStatistics, type StatisticsReport, type StatisticsSummary } from '@vesemir/contract'
import type { ApplicationEnvironment } from '../ports/application-environment.ts'
import { mergeHistograms, percentilesOf } from './histogram.ts'

/** An application's environment and the days on which deployments ended there, by their dates. */
export interface PlaceDays extends ApplicationEnvironment {
  days: ReadonlyMap<string, DayStatistics>
}

const dayMs = 86_400_000

/** Returns the dates of the last days in UTC, oldest first, today included. */
export function lastDates(days: number, now: number): string[] {
  return Array.from({ length: days }, (_, index) => dateOf(now - (days - 1 - index) * dayMs))
}

/** Returns the date of a moment in UTC, such as `2026-03-01`. */
export function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

/** Sums places up: in all, each by itself, and by weeks that end today. A place without deployments is left out. */
export function reportStatistics(
  places: readonly PlaceDays[],
  dates: readonly string[],
  now: number,
): StatisticsReport {
  const daysOf = ({ days }: PlaceDays, wanted: readonly string[]) =>
    wanted.flatMap((date) => (days.has(date) ? [days.get(date)!] : []))
  const summaryOf = (wanted: readonly string[]) => summarise(places.flatMap((place) => daysOf(place, wanted)))
  return {
    from: startOf(dates[0]!),
    to: new Date(now).toISOString(),
    total: summaryOf(dates),
    places: places.flatMap((place) => {
      const { application, environment } = place
      const days = daysOf(place, dates)
      return days.length === 0 ? [] : [{ application, environment, ...summarise(days) }]
    }),
    weeks: weeksOf(dates).map((week) => ({ from: startOf(week[0]!), ...summaryOf(week) })),
  }
}

function summarise(days: readonly DayStatistics[]): StatisticsSummary {
  const sum = (status: 'succeeded' | 'failed' | 'cancelled' | 'rolled-back') =>
    days.reduce((total, day) => total + day[status], 0)
  const [succeeded, failed, cancelled, rolledBack] = [
    sum('succeeded'),
    sum('failed'),
    sum('cancelled'),
    sum('rolled-back'),
  ]
  const finished = succeeded + failed + rolledBack
  const leadTime = percentilesOf(mergeHistograms(days.map(({ leadTimes }) => leadTimes)))
  const restoreTime = percentilesOf(mergeHistograms(days.map(({ restoreTimes }) => restoreTimes)))
  const steps = stepNames.flatMap((step) => {
    const taken = percentilesOf(mergeHistograms(days.map(({ steps: ofDay }) => ofDay[step] ?? {})))
    return taken ? [[step, taken] as const] : []
  })
  return {
    deployments: finished + cancelled,
    succeeded,
    failed,
    cancelled,
    rolledBack,
    ...(finished > 0 ? { failureRate: (failed + rolledBack) / finished } : {}),
    ...(leadTime ? { leadTime } : {}),
    ...(restoreTime ? { restoreTime } : {}),
    steps: Object.fromEntries(steps),
  }
}

/** Seven days each, counted from the last. */
function weeksOf(dates: readonly string[]): string[][] {
  const weeks: string[][] = []
  for (let end = dates.length; end > 0; end -= 7) weeks.unshift(dates.slice(Math.max(0, end - 7), end))
  return weeks
}

function startOf(date: string): string {
  return `${date}T00:00:00.000Z`
}

/** Returns how many weeks a report counts, today included: a span of 30 days has 4.3, though it is in five of the report's weeks. */
export function weeksIn({ from, to }: Pick<StatisticsReport, 'from' | 'to'>): number {
  return Math.max(1, Math.ceil((Date.parse(to) - Date.parse(from)) / dayMs)) / 7
}
