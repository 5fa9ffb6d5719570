import type { Margins, ServersFigures } from '@vesemir/contract'

type Figures = Omit<ServersFigures, 'servers' | 'sessions'>

/** Describes by what servers perform worse than their peers, by more than the margins allow; undefined when they do not, or are not judged. */
export function findRegression(own: Figures, peers: Figures, { minRequests, ...margins }: Margins): string | undefined {
  if (own.requests < minRequests || peers.requests < minRequests) return undefined
  const share = (name: 'serverErrors' | 'connectionErrors', what: string) => {
    const [ownShare, peerShare] = [own[name] / own.requests, peers[name] / peers.requests]
    const margin = margins[name] === undefined ? Infinity : Number.parseInt(margins[name], 10) / 100
    return ownShare > peerShare + margin ? `${inPercent(ownShare)} ${what}, peers ${inPercent(peerShare)}` : undefined
  }
  return (
    share('serverErrors', 'of requests answered 5xx') ??
    share('connectionErrors', 'of requests failed to connect') ??
    slower(own, peers, margins.responseTime)
  )
}

/** Only what is sure: of few requests, neither mean is exact. */
function slower(own: Figures, peers: Figures, margin: string | undefined): string | undefined {
  if (margin === undefined) return undefined
  const { responseTimeMs: ownMs, responseTimeWithinMs: ownWithinMs = 0 } = own
  const { responseTimeMs: peersMs, responseTimeWithinMs: peersWithinMs = 0 } = peers
  // Not known.
  if (peersMs === 0 && peers.responseTimeWithinMs === undefined) return undefined
  const mostMs = (peersMs + peersWithinMs) * (1 + Number.parseInt(margin, 10) / 100)
  return ownMs - ownWithinMs > mostMs ? `responds in ${ownMs} ms, peers in ${peersMs} ms` : undefined
}

function inPercent(share: number): string {
  return `${(share * 100).toFixed(1)}%`
}
