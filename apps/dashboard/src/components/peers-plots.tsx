import type { DeploymentView } from '@vesemir/contract'
import { judgedWorse, peersOverTime, type BackendPeersOverTime, type PeersPoint, type Rates } from '@vesemir/core'
import { describePeers, formatTime, peersRates, toPlainText } from '@vesemir/words'
import { useMemo } from 'react'
import type { LiveDeployment } from '../live/live-deployment.ts'
import { capitalize, Mark } from './mark.tsx'
import { PlotFrame, plotHeight, plotWidth } from './plot-frame.tsx'

/** Updated servers beside those of the old version, since other hosts were updated last: what to go by at a gate. */
export function PeersNow({ live, view }: { live: LiveDeployment; view: DeploymentView }) {
  const { since, at } = view.deployment.peers!
  const length = live.facts.length
  const backends = useMemo(() => peersOverTime(live.facts), [live, length])
  const [fromMs, toMs] = [Date.parse(since), Date.parse(at)]
  const ofNow = backends.map((backend) => ({
    ...backend,
    points: backend.points.filter((point) => point.toMs > fromMs),
  }))
  return (
    <section className="card peers" aria-labelledby="peers">
      <h2 id="peers">Updated servers beside the old version</h2>
      <PeersPlots
        view={view}
        backends={ofNow}
        xOf={(ms) => Math.max(0, ((ms - fromMs) / Math.max(1, toMs - fromMs)) * plotWidth)}
        ends={[formatTime(since), formatTime(at)]}
      />
    </section>
  )
}

interface PeersPlotsProps {
  view: DeploymentView
  backends: readonly BackendPeersOverTime[]
  /** Where a moment is on the axis. */
  xOf: (ms: number) => number
  ends: readonly [string, string]
}

/** What the judge says of the updated servers, and a plot for each rate of each backend. */
export function PeersPlots({ view, backends, xOf, ends }: PeersPlotsProps) {
  const says = [
    ...judgedWorse(view).map((message) => ({ tone: 'bad', verdict: [message], figures: '' }) as const),
    ...describePeers(view.deployment),
  ]
  return (
    <>
      {says.map(({ tone, verdict, figures }) => (
        <p key={figures + toPlainText(verdict)} className="verdict">
          <Mark tone={tone} /> {capitalize(toPlainText(verdict))} <span className="sub">{figures}</span>
        </p>
      ))}
      <div className="plots">
        {backends.flatMap(({ backend, isTcp, points }) =>
          peersRates({ isTcp }).map(({ rate, name, least, format }) => {
            const values = points.flatMap(({ updated, peers }) => [updated[rate] ?? 0, peers[rate] ?? 0])
            const highest = Math.max(least, ...values)
            const lineOf = (side: 'updated' | 'peers') => drawLine(points, { side, rate, highest, xOf })
            const last = points.at(-1)
            const say = (value: number | undefined) => (value === undefined ? 'unknown' : format(value))
            return (
              <PlotFrame
                key={`${backend} ${name}`}
                title={capitalize(backends.length === 1 ? name : `${name}, ${backend}`)}
                label={`${name}: updated ${say(last?.updated[rate])}, old version ${say(last?.peers[rate])} at the end`}
                series={legend}
                top={format(highest)}
                ends={ends}
              >
                <path data-tone="waiting" className="plot-limit" d={lineOf('peers')} />
                <path data-tone="active" d={lineOf('updated')} />
              </PlotFrame>
            )
          }),
        )}
      </div>
    </>
  )
}

const legend = [
  { name: 'updated', tone: 'active' },
  { name: 'old version', tone: 'waiting' },
] as const

interface Line {
  side: 'updated' | 'peers'
  rate: keyof Rates
  highest: number
  xOf: (ms: number) => number
}

/** A point counts for a stretch of time. Where nothing was asked for, or nothing is known, there is a gap. */
function drawLine(points: readonly PeersPoint[], { side, rate, highest, xOf }: Line): string {
  let line = ''
  let endedMs = -Infinity
  for (const { fromMs, toMs, [side]: rates } of points) {
    const value = rates[rate]
    if (value === undefined) continue
    const y = plotHeight - (value / highest) * plotHeight
    // Lengths are measured by another clock than moments.
    line += `${fromMs - endedMs < slackMs ? 'L' : 'M'}${xOf(fromMs)} ${y}H${xOf(toMs)}`
    endedMs = toMs
  }
  return line
}

const slackMs = 1000
