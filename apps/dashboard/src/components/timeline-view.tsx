import type { DeploymentView } from '@vesemir/contract'
import {
  capacityOverTime,
  endOf,
  isEnded,
  laneGroups,
  momentAt,
  peersOverTime,
  placeAt,
  timelineOf,
  timeScale,
  type Timeline,
  type TimeScale,
} from '@vesemir/core'
import { describeLane, formatDateTime, formatTime, hostStatuses } from '@vesemir/words'
import { useMemo, useState } from 'react'
import type { LiveDeployment } from '../live/live-deployment.ts'
import { addressWith, Link, useAddress } from '../navigation.tsx'
import { useNow } from '../use-now.ts'
import { CapacityPlot } from './capacity-plot.tsx'
import { commonLanes, hostLane, type DrawnLane } from './lane-bars.ts'
import { LongTable } from './long-table.tsx'
import { Mark } from './mark.tsx'
import { PeersPlots } from './peers-plots.tsx'
import { plotWidth } from './plot-frame.tsx'
import { TimelineLane, type Band } from './timeline-lane.tsx'

interface TimelineViewProps {
  live: LiveDeployment
  view: DeploymentView
  isCaughtUp: boolean
}

/** Hosts over time, with what they and the deployment waited for, and the servers in service below. */
export function TimelineView({ live, view, isCaughtUp }: TimelineViewProps) {
  const isOngoing = !isEnded(view.deployment)
  const nowMs = useNow(isOngoing)
  // What goes on is drawn once a second: events may come by the frame.
  const version = isOngoing ? nowMs : live.facts.length
  const timeline = useMemo(() => (isCaughtUp ? timelineOf(live.facts) : undefined), [live, isCaughtUp, version])
  const capacity = useMemo(() => (isCaughtUp ? capacityOverTime(live.facts) : []), [live, isCaughtUp, version])
  const peers = useMemo(() => (isCaughtUp ? peersOverTime(live.facts) : []), [live, isCaughtUp, version])
  const place = useAddress()
  if (!timeline) return <p className="empty">Loading the events…</p>
  const axis = { scale: timeScale(timeline, nowMs), nowMs }
  const isTable = place.query.get('as') === 'table'
  return (
    <>
      <p className="timeline-choice">
        <Link href={addressWith(place, { as: isTable ? undefined : 'table' })}>
          {isTable ? 'Show as timeline' : 'Show as table'}
        </Link>
      </p>
      {isTable ? <TimelineTable timeline={timeline} axis={axis} /> : <Drawing timeline={timeline} axis={axis} />}
      {capacity.map((backend) => (
        <CapacityPlot key={`${backend.backend} ${backend.boxes.join()}`} backend={backend} scale={axis.scale} />
      ))}
      {peers.length > 0 && (
        <div className="capacity peers">
          <PeersPlots
            view={view}
            backends={peers}
            xOf={(ms) => placeAt(axis.scale, ms) * plotWidth}
            ends={[timeOf(axis.scale[0]!.fromMs), timeOf(axis.scale.at(-1)!.toMs)]}
          />
        </div>
      )}
    </>
  )
}

function timeOf(ms: number): string {
  return formatTime(new Date(ms).toISOString())
}

interface AxisProps {
  timeline: Timeline
  axis: { scale: TimeScale; nowMs: number }
}

type Row = { lane: DrawnLane } | { title: string }

/** Rows of the timeline in their order: what is everybody's, hosts that failed, then wave by wave. */
function rowsOf({ timeline, axis }: AxisProps): Row[] {
  const groups = laneGroups(timeline)
  return [
    ...commonLanes(timeline, axis).map((lane) => ({ lane })),
    ...groups.flatMap(({ wave, lanes }): Row[] => [
      ...(groups.length > 1 ? [{ title: wave === undefined ? 'Need attention' : `Wave ${wave}` }] : []),
      ...lanes.map((host) => ({ lane: hostLane(host, axis) })),
    ]),
  ]
}

function Drawing(props: AxisProps) {
  const { timeline, axis } = props
  const [active, setActive] = useState({ key: 'deployment', bar: 0 })
  const rows = rowsOf(props)
  const bands = bandsOf(timeline, axis)
  const shown = rows.find((row) => 'lane' in row && row.lane.key === active.key)
  return (
    <>
      <LongTable
        label="Hosts over time"
        className="timeline"
        columns={2}
        rows={rows}
        head={
          <tr>
            <th scope="col">Host</th>
            <th scope="col">
              <Times scale={axis.scale} />
            </th>
          </tr>
        }
      >
        {(row, rowIndex) =>
          'title' in row ? (
            <tr key={row.title} className="wave-row" aria-rowindex={rowIndex}>
              <td colSpan={2}>
                <span>{row.title}</span>
              </td>
            </tr>
          ) : (
            <tr key={row.lane.key} aria-rowindex={rowIndex}>
              <th scope="row">
                <LaneName lane={row.lane} />
              </th>
              <td>
                <TimelineLane
                  lane={row.lane}
                  bands={row.lane.host ? bands : []}
                  active={active.key === row.lane.key ? active.bar : undefined}
                  isFirst={active.key === row.lane.key}
                  onActive={(bar) => setActive({ key: row.lane.key, bar })}
                />
              </td>
            </tr>
          )
        }
      </LongTable>
      {shown && 'lane' in shown && <Details lane={shown.lane} bar={active.bar} />}
    </>
  )
}

/** What the bar under the pointer or the keyboard's focus was. */
function Details({ lane, bar }: { lane: DrawnLane; bar: number }) {
  const drawn = lane.bars[bar] ?? lane.bars.at(-1)
  return (
    <p className="bar-details">
      <strong>{lane.name}</strong> {drawn && <Mark tone={drawn.tone} />} {drawn?.sentence}
      {lane.host && <span className="sub">{describeLane(lane.host)}</span>}
    </p>
  )
}

function LaneName({ lane: { name, host } }: { lane: DrawnLane }) {
  const place = useAddress()
  if (!host) return name
  return (
    <>
      <Mark tone={hostStatuses[host.status].tone} />
      <span className="visually-hidden">{hostStatuses[host.status].text}: </span>
      <Link href={addressWith(place, { host: host.host, line: undefined })}>{name}</Link>
    </>
  )
}

const dayMs = 86_400_000

function Times({ scale }: { scale: TimeScale }) {
  const isLong = scale.at(-1)!.toMs - scale[0]!.fromMs > dayMs
  return (
    <span className="times">
      {[0, 0.25, 0.5, 0.75].map((place) => {
        const at = new Date(momentAt(scale, place)).toISOString()
        return (
          <time key={place} dateTime={at}>
            {isLong ? formatDateTime(at) : formatTime(at)}
          </time>
        )
      })}
    </span>
  )
}

function bandsOf({ phases }: Timeline, { scale, nowMs }: AxisProps['axis']): Band[] {
  const waiting = phases.filter(({ status }) => status === 'gated' || status === 'paused')
  return [
    ...waiting.map((phase): Band => ({
      kind: 'waiting',
      from: placeAt(scale, Date.parse(phase.from)),
      to: placeAt(scale, endOf(phase, nowMs)),
    })),
    ...scale.filter(({ isShortened }) => isShortened).map(({ from, to }): Band => ({ kind: 'shortened', from, to })),
  ]
}

/** The same in words, for who cannot see or would rather read. */
function TimelineTable(props: AxisProps) {
  const rows = rowsOf(props).flatMap((row) =>
    'lane' in row ? row.lane.bars.map((bar, index) => ({ name: row.lane.name, bar, index })) : [],
  )
  return (
    <LongTable
      label="What happened on each host"
      className="timeline-table"
      columns={2}
      rows={rows}
      head={
        <tr>
          <th scope="col">Host</th>
          <th scope="col">What happened</th>
        </tr>
      }
    >
      {({ name, bar, index }, rowIndex) => (
        <tr key={`${name} ${index}`} aria-rowindex={rowIndex}>
          <th scope="row">{name}</th>
          <td>
            <Mark tone={bar.tone} /> {bar.sentence}
          </td>
        </tr>
      )}
    </LongTable>
  )
}
