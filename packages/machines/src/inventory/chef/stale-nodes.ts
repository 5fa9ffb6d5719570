import { VesemirError } from '@vesemir/core'
import { listed } from '../listed.ts'
import type { ChefNode } from './node.ts'

interface StalePolicy {
  staleAfterMs: number
  onStale: 'tell' | 'skip' | 'refuse'
  nowMs: number
}

/**
 * Finds the nodes on which chef-client has not run for long: they may be gone, or not be what Chef says of them. They
 * are told of, and skipped if so set.
 * @throws {VesemirError} `HOST_STALE` when they are to be refused, or when skipping them leaves none.
 */
export function excludeStaleNodes(
  nodes: readonly ChefNode[],
  { staleAfterMs, onStale, nowMs }: StalePolicy,
): { nodes: ChefNode[]; warnings: string[] } {
  const isStale = (node: ChefNode) => !(nowMs - seenAtMs(node) <= staleAfterMs)
  const stale = nodes.filter(isStale)
  if (stale.length === 0) return { nodes: [...nodes], warnings: [] }
  const told = stale.map((node) => inWords(node, nowMs))
  const warning = `chef-client has not run for long: ${listed(told, ', ')}`
  if (onStale === 'tell') return { nodes: [...nodes], warnings: [warning] }
  if (onStale === 'skip' && stale.length < nodes.length)
    return { nodes: nodes.filter((node) => !isStale(node)), warnings: [`skipped, since ${warning}`] }
  throw new VesemirError('HOST_STALE', warning, { details: { hosts: stale.map(({ name }) => name) } })
}

/** Ohai's time is a number with decimals; a node that has none has never been through a run. */
function seenAtMs({ ohaiTime }: ChefNode): number {
  return typeof ohaiTime === 'number' ? ohaiTime * 1000 : Number.NaN
}

function inWords(node: ChefNode, nowMs: number): string {
  const ageMs = nowMs - seenAtMs(node)
  if (Number.isNaN(ageMs)) return `${node.name} (never)`
  const hours = Math.floor(ageMs / 3_600_000)
  return `${node.name} (${hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`} ago)`
}
