import { stepNames, type StatisticsReport, type StatisticsSummary } from '@vesemir/contract'
import { weeksIn } from '@vesemir/core'
import { formatDuration } from '@vesemir/words'
import { api } from '../api.ts'
import { Notice } from '../components/notice.tsx'
import { PageTitle } from '../components/page-title.tsx'
import { StatisticsTable } from '../components/statistics-table.tsx'
import { BarPlot, LinePlot, type Series } from '../components/week-plot.tsx'
import { addressWith, Link, navigate, useAddress, type Address } from '../navigation.tsx'
import { useLoaded } from '../use-loaded.ts'

const usualDays = 91

/** How often deployments happen and fail, and how long they take, by week. */
export function StatisticsPage() {
  const place = useAddress()
  const { days = `${usualDays}`, ...filter } = Object.fromEntries(place.query)
  const { value, error } = useLoaded((signal) => api.getStatistics({ ...filter, days: Number(days) }, { signal }), {
    key: place.query.toString(),
  })
  const all = useLoaded((signal) => api.getStatistics({ days: Number(days) }, { signal }), { key: days })
  return (
    <>
      <PageTitle title="Statistics" />
      <Filters place={place} days={days} places={all.value?.places ?? []} />
      {error && <Notice tone="bad" title="Failed to load the statistics" error={error} />}
      {value && value.total.deployments === 0 && (
        <p className="empty">No deployments ended in this time. Statistics are counted as deployments end.</p>
      )}
      {value && value.total.deployments > 0 && <Report report={value} />}
    </>
  )
}

function Report({ report }: { report: StatisticsReport }) {
  const { total, weeks, places } = report
  const starts = weeks.map(({ from }) => from)
  const counted = (name: string, tone: Series['tone'], of: (week: StatisticsSummary) => number): Series => ({
    name,
    tone,
    values: weeks.map(of),
  })
  const common = { weeks: starts, format: formatDuration }
  return (
    <>
      <Figures total={total} weeks={weeksIn(report)} />
      <p className="sub">Days and weeks are counted in UTC.</p>
      <div className="plots">
        <BarPlot
          title="Deployments"
          weeks={starts}
          format={String}
          series={[
            counted('succeeded', 'good', ({ succeeded }) => succeeded),
            counted('failed or rolled back', 'bad', ({ failed, rolledBack }) => failed + rolledBack),
            counted('cancelled', 'idle', ({ cancelled }) => cancelled),
          ]}
        />
        <LinePlot
          title="Failure rate"
          weeks={starts}
          format={formatPart}
          series={[{ name: 'failed', tone: 'bad', values: weeks.map(({ failureRate }) => failureRate) }]}
        />
        <LinePlot title="Lead time" {...common} series={percentiles(weeks, ({ leadTime }) => leadTime)} />
        <LinePlot title="Time to restore" {...common} series={percentiles(weeks, ({ restoreTime }) => restoreTime)} />
        {stepNames.map((step) => (
          <LinePlot
            key={step}
            title={`Step ${step}`}
            {...common}
            series={percentiles(weeks, ({ steps }) => steps[step])}
          />
        ))}
      </div>
      <StatisticsTable places={places} />
    </>
  )
}

function percentiles(
  weeks: readonly StatisticsSummary[],
  of: (week: StatisticsSummary) => { p50Ms: number; p90Ms: number } | undefined,
): Series[] {
  return [
    { name: 'p90', tone: 'idle', values: weeks.map((week) => of(week)?.p90Ms) },
    { name: 'p50', tone: 'active', values: weeks.map((week) => of(week)?.p50Ms) },
  ]
}

function Figures({ total, weeks }: { total: StatisticsSummary; weeks: number }) {
  const { deployments, failureRate, leadTime, restoreTime } = total
  const figures = {
    'Deployments per week': (deployments / weeks).toFixed(1),
    'Failure rate': failureRate === undefined ? '–' : formatPart(failureRate),
    'Lead time, median': leadTime ? formatDuration(leadTime.p50Ms) : '–',
    'Time to restore, median': restoreTime ? formatDuration(restoreTime.p50Ms) : '–',
  }
  return (
    <dl className="figures">
      {Object.entries(figures).map(([name, text]) => (
        <div key={name} className="card">
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  )
}

function formatPart(part: number): string {
  return `${Math.round(part * 100)}%`
}

const spans = { '28': '4 weeks', '91': '13 weeks', '364': '52 weeks' }

interface FiltersProps {
  place: Address
  days: string
  places: StatisticsReport['places']
}

function Filters({ place, days, places }: FiltersProps) {
  const select = (name: string, label: string, choices: [value: string, text: string][]) => (
    <label>
      {label}
      <select
        value={name === 'days' ? days : (place.query.get(name) ?? '')}
        onChange={({ target }) => navigate(addressWith(place, { [name]: target.value }), { replace: true })}
      >
        {choices.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
  const named = (name: 'application' | 'environment'): [string, string][] => {
    const asked = place.query.get(name)
    const names = new Set([...places.map((each) => each[name]), ...(asked ? [asked] : [])])
    return [['', 'All'], ...[...names].toSorted().map((each): [string, string] => [each, each])]
  }
  return (
    <form className="filters" role="search" aria-label="Statistics" onSubmit={(event) => event.preventDefault()}>
      {select('application', 'Application', named('application'))}
      {select('environment', 'Environment', named('environment'))}
      {select('days', 'Time', Object.entries(spans))}
      {place.query.size > 0 && <Link href={place.path}>Clear filters</Link>}
    </form>
  )
}
