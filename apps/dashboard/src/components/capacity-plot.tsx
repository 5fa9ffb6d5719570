import { placeAt, type BackendOverTime, type TimeScale } from '@vesemir/core'
import { describeCapacity, formatTime, toPlainText } from '@vesemir/words'
import { PlotFrame, plotHeight, plotWidth } from './plot-frame.tsx'

interface CapacityPlotProps {
  backend: BackendOverTime
  /** The axis of the timeline above. */
  scale: TimeScale
}

/** Draws how many servers of a backend were in service, against how many had to be. */
export function CapacityPlot({ backend: known, scale }: CapacityPlotProps) {
  const { backend, points } = known
  const needs = points.flatMap(({ needed }) => (needed === undefined ? [] : [needed]))
  const highest = Math.max(1, ...needs, ...points.map(({ inService }) => inService))
  const xOf = (at: string) => placeAt(scale, Date.parse(at)) * plotWidth
  const yOf = (servers: number) => plotHeight - (servers / highest) * plotHeight
  const steps = points.map(({ at, inService }, index) => {
    const [x, y] = [xOf(at), yOf(inService)]
    return index === 0 ? `M${x} ${y}` : `H${x}V${y}`
  })
  // Where it is not known, there is a gap.
  const limit = points
    .flatMap(({ at, needed }, index) => {
      if (needed === undefined) return []
      const next = points[index + 1]
      return [`M${xOf(at)} ${yOf(needed)}H${next ? xOf(next.at) : plotWidth}`]
    })
    .join('')
  const sentence = toPlainText(describeCapacity(known))
  const timeOf = (ms: number) => formatTime(new Date(ms).toISOString())
  return (
    <div className="capacity">
      <PlotFrame
        title={`Servers of ${backend} in service`}
        label={sentence}
        series={[
          { name: 'in service', tone: 'active' },
          ...(needs.length === 0 ? [] : [{ name: 'minHealthy', tone: 'waiting' } as const]),
        ]}
        top={String(highest)}
        ends={[timeOf(scale[0]!.fromMs), timeOf(scale.at(-1)!.toMs)]}
      >
        {needs.length > 0 && <path data-tone="waiting" className="plot-limit" d={limit} />}
        <path data-tone="active" d={`${steps.join('')}H${plotWidth}`} />
      </PlotFrame>
      <p className="capacity-sentence">{sentence}</p>
    </div>
  )
}
