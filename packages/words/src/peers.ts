import type { BackendPeers, Deployment, DeploymentSpec, ServersFigures } from '@vesemir/contract'
import { isTcp, ratesOf, verdictOn, type Rates, type Verdict } from '@vesemir/core'
import { count } from './count.ts'
import type { ReaderOptions } from './gate.ts'
import { formatTime } from './moment.ts'
import { toned, type Text, type Tone } from './text.ts'

/** A rate that is compared: how it is named and written, and the least that a plot has at its top. */
interface PeersRate {
  rate: keyof Rates
  name: string
  /** For the head of a column. */
  short: string
  least: number
  format: (value: number) => string
}

/** Sessions and requests are means of a server. */
const sessions: PeersRate = {
  rate: 'sessions',
  name: 'sessions per server',
  short: 'sessions',
  least: 1,
  format: formatMean,
}
const ofHttp: readonly PeersRate[] = [
  { rate: 'errorShare', name: '5xx', short: '5xx', least: 0.01, format: formatShare },
  { rate: 'responseTimeMs', name: 'response time', short: 'response', least: 1, format: formatMs },
  sessions,
  { rate: 'requestsPerSecond', name: 'requests/s per server', short: 'requests/s', least: 1, format: formatMean },
]
const ofTcp: readonly PeersRate[] = [
  { rate: 'failedToConnect', name: 'failed to connect', short: 'no connection', least: 0.01, format: formatShare },
  { rate: 'brokenOff', name: 'broken off by servers', short: 'broken off', least: 0.01, format: formatShare },
  { rate: 'connectTimeMs', name: 'connection time', short: 'connect', least: 1, format: formatMs },
  sessions,
  {
    rate: 'connectionsPerSecond',
    name: 'connections/s per server',
    short: 'connections/s',
    least: 1,
    format: formatMean,
  },
]

/** Returns what is compared of a backend: in TCP mode there are neither 5xx nor response times. */
export function peersRates({ isTcp }: { isTcp: boolean }): readonly PeersRate[] {
  return isTcp ? ofTcp : ofHttp
}

function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)}%`
}

function formatMs(ms: number): string {
  return `${Math.round(ms)} ms`
}

function formatMean(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0)
}

/** A backend's updated servers in two sentences: what the judge makes of them, and the figures. */
export interface PeersDescription {
  tone: Tone
  verdict: Text
  figures: string
}

/** Describes the updated servers of each backend beside those of the old version. Nothing where nothing was compared, and on the way back. */
export function describePeers(
  { peers, intent, spec }: Deployment,
  { timeZone }: ReaderOptions = {},
): PeersDescription[] {
  if (!peers || intent !== 'deploy' || spec.loadBalancer.kind === 'none') return []
  const times = `${formatTime(peers.since, timeZone)} to ${formatTime(peers.at, timeZone)}`
  return peers.backends.map((backend) => {
    const figures = `${times}, ${describeFigures(backend, peers.lengthMs)}`
    return { ...describePeersVerdict(backend, spec), figures }
  })
}

/** Describes what the judge makes of the updated servers of a backend. */
export function describePeersVerdict(
  backend: BackendPeers,
  { loadBalancer }: Pick<DeploymentSpec, 'loadBalancer'>,
): Omit<PeersDescription, 'figures'> {
  const limits = loadBalancer.kind === 'none' ? undefined : loadBalancer.maxRegression
  const { tone, says, why } = describeVerdict(verdictOn(backend, limits))
  return { tone, verdict: [`updated servers of ${backend.backend} `, toned(says, tone), why] }
}

function describeVerdict(verdict: Verdict): { tone: Tone; says: string; why: string } {
  switch (verdict.kind) {
    case 'worse': {
      const why = `, by more than maxRegression allows: ${verdict.why}`
      return { tone: 'bad', says: 'perform worse than their peers', why }
    }
    case 'within':
      return { tone: 'good', says: 'perform as their peers do', why: ', within maxRegression' }
    case 'few-requests': {
      const { requests, side, minRequests } = verdict
      const who = side === 'updated' ? 'they' : 'their peers'
      const why = `: ${who} had ${count(requests, 'request')} of ${minRequests} (minRequests)`
      return { tone: 'waiting', says: 'are not judged yet', why }
    }
    case 'no-limits':
      return { tone: 'idle', says: 'are not judged', why: ': loadBalancer.maxRegression is not set' }
    case 'no-limits-for-tcp': {
      const why =
        ': the backend is in TCP mode, where only maxRegression.connectionErrors is judged, and that is not set'
      return { tone: 'idle', says: 'are not judged', why }
    }
  }
}

function describeFigures({ updated, peers }: BackendPeers, lengthMs: number): string {
  const inTcp = isTcp({ updated, peers })
  const compared = { lengthMs, rates: peersRates({ isTcp: inTcp }) }
  const sides = `${updated.servers} updated: ${describeSide(updated, compared)}; ${peers.servers} of the old version: ${describeSide(peers, compared)}`
  return inTcp ? `${sides}; in TCP mode, HAProxy sees neither 5xx nor response times` : sides
}

function describeSide(figures: ServersFigures, compared: { lengthMs: number; rates: readonly PeersRate[] }): string {
  const rates = ratesOf(figures, compared.lengthMs)
  const parts = compared.rates.flatMap(({ rate, name, format }) => {
    const value = rates[rate]
    if (value !== undefined) return [`${name} ${format(value)}`]
    const isToCome = figures.requests > 0 && (rate === 'responseTimeMs' || rate === 'connectTimeMs')
    return isToCome ? [`${name} not known yet`] : []
  })
  return parts.length === 0 ? 'none in service' : parts.join(', ')
}
