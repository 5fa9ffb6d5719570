import type { BackendPeers, Deployment, ServersFigures } from '@vesemir/contract'
import { ratesOf, verdictOn, type Rates, type Verdict } from '@vesemir/core'
import { count } from './count.ts'
import type { ReaderOptions } from './gate.ts'
import { formatTime } from './moment.ts'
import { toned, type Text, type Tone } from './text.ts'

/** A rate that is compared: how it is named and written, and the least that a plot has at its top. */
interface PeersRate {
  rate: keyof Rates
  name: string
  least: number
  format: (value: number) => string
}

/** What is compared. Sessions and requests are means of a server. */
export const peersRates: readonly PeersRate[] = [
  { rate: 'errorShare', name: '5xx', least: 0.01, format: (share) => `${(share * 100).toFixed(1)}%` },
  { rate: 'responseTimeMs', name: 'response time', least: 1, format: (ms) => `${Math.round(ms)} ms` },
  { rate: 'sessions', name: 'sessions per server', least: 1, format: formatMean },
  { rate: 'requestsPerSecond', name: 'requests/s per server', least: 1, format: formatMean },
]

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
  const { maxRegression } = spec.loadBalancer
  const times = `${formatTime(peers.since, timeZone)} to ${formatTime(peers.at, timeZone)}`
  return peers.backends.map((backend) => {
    const { tone, says, why } = describeVerdict(verdictOn(backend, maxRegression))
    const verdict = [`updated servers of ${backend.backend} `, toned(says, tone), why]
    return { tone, verdict, figures: `${times}, ${describeFigures(backend, peers.lengthMs)}` }
  })
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
  }
}

function describeFigures({ updated, peers }: BackendPeers, lengthMs: number): string {
  return `${updated.servers} updated: ${describeSide(updated, lengthMs)}; ${peers.servers} of the old version: ${describeSide(peers, lengthMs)}`
}

function describeSide(figures: ServersFigures, lengthMs: number): string {
  const rates = ratesOf(figures, lengthMs)
  const parts = peersRates.flatMap(({ rate, name, format }) => {
    const value = rates[rate]
    return value === undefined ? [] : [`${name} ${format(value)}`]
  })
  return parts.length === 0 ? 'none in service' : parts.join(', ')
}
