import type { ReactNode } from 'react'
import { PlotFrame, plotHeight as height, plotWidth as width, type PlotName } from './plot-frame.tsx'

/** Values by week, oldest first; a week without one is a gap. */
export interface Series extends PlotName {
  values: readonly (number | undefined)[]
}

interface PlotProps {
  title: string
  /** When each week begins. */
  weeks: readonly string[]
  series: readonly Series[]
  format: (value: number) => string
}

/** Draws series as bars on top of each other. */
export function BarPlot(props: PlotProps) {
  const { weeks, series, format } = props
  const sums = weeks.map((_, week) => series.reduce((sum, { values }) => sum + (values[week] ?? 0), 0))
  const highest = Math.max(1, ...sums)
  const slot = width / weeks.length
  return (
    <Frame {...props} highest={highest}>
      {series.map(({ name, tone, values }, place) =>
        values.map((value = 0, week) => {
          const below = series.slice(0, place).reduce((sum, { values: other }) => sum + (other[week] ?? 0), 0)
          const [tall, base] = [(value / highest) * height, (below / highest) * height]
          return (
            value > 0 && (
              <rect
                key={`${name} ${weeks[week]}`}
                data-tone={tone}
                x={(week + 0.15) * slot}
                y={height - base - tall}
                width={slot * 0.7}
                height={tall}
              >
                <title>{`${formatWeek(weeks[week]!)}: ${format(value)} ${name}`}</title>
              </rect>
            )
          )
        }),
      )}
    </Frame>
  )
}

/** Draws series as lines over the same weeks. Without any value, there is nothing to draw. */
export function LinePlot(props: PlotProps) {
  const { weeks, series, format } = props
  const known = series.flatMap(({ values }) => values.filter((value) => value !== undefined))
  if (known.length === 0) return null
  const highest = Math.max(...known, 1)
  const xOf = (week: number) => ((week + 0.5) / weeks.length) * width
  const yOf = (value: number) => height - (value / highest) * height
  return (
    <Frame {...props} highest={highest}>
      {series.map(({ name, tone, values }) => (
        <g key={name} data-tone={tone}>
          {runsOf(values).map((run) => (
            <polyline
              key={run[0]!.week}
              points={run.map(({ week, value }) => `${xOf(week)},${yOf(value)}`).join(' ')}
            />
          ))}
          {values.map(
            (value, week) =>
              value !== undefined && (
                // A line without length and with a round end is a dot, however the drawing is stretched.
                <path key={weeks[week]} className="plot-dot" d={`M${xOf(week)} ${yOf(value)}h0`}>
                  <title>{`${formatWeek(weeks[week]!)}: ${name} ${format(value)}`}</title>
                </path>
              ),
          )}
        </g>
      ))}
    </Frame>
  )
}

function Frame({
  title,
  weeks,
  series,
  format,
  highest,
  children,
}: PlotProps & { highest: number; children: ReactNode }) {
  return (
    <PlotFrame
      title={title}
      label={`${title} by week; highest ${format(highest)}`}
      series={series}
      top={format(highest)}
      ends={[formatWeek(weeks[0]!), formatWeek(weeks.at(-1)!)]}
    >
      {children}
    </PlotFrame>
  )
}

/** Values without a gap between them, by their weeks. */
function runsOf(values: Series['values']): { week: number; value: number }[][] {
  const runs: { week: number; value: number }[][] = []
  values.forEach((value, week) => {
    if (value === undefined) return
    if (week === 0 || values[week - 1] === undefined) runs.push([])
    runs.at(-1)!.push({ week, value })
  })
  return runs
}

/** Formats the day on which a week begins, in UTC as the API counts: `Mar 1`. */
export function formatWeek(from: string): string {
  return new Date(from).toLocaleDateString('en', { month: 'short', day: 'numeric', timeZone: 'UTC' })
}
