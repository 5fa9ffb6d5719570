import type { Deployment } from '@vesemir/contract'
import { findMissed } from '@vesemir/core'

/** How many of the hosts that a deployment left out a list names. */
const mostNamed = 10

/** Leaves out of a deployment what would make a list of them long: what each changes, what was counted of its servers, and all but some of the hosts that it left out or that failed before. */
export function asRow({ plan, failedBefore: _failedBefore, peers: _peers, ...deployment }: Deployment): Deployment {
  const row = { ...deployment, ...fewLeftOut(deployment) }
  if (!plan) return row
  const { changes: _changes, ...rest } = plan
  return { ...row, plan: rest }
}

/** Those that were missed come first: by them a program knows that the deployment is incomplete. */
function fewLeftOut({ leftOut }: Pick<Deployment, 'leftOut'>): Pick<Deployment, 'leftOut' | 'moreLeftOut'> {
  if (leftOut === undefined || leftOut.length <= mostNamed) return {}
  const missed = new Set(findMissed({ leftOut }))
  const sorted = [...missed, ...leftOut.filter((host) => !missed.has(host))]
  return { leftOut: sorted.slice(0, mostNamed), moreLeftOut: sorted.length - mostNamed }
}
