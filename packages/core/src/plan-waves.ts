import type { HostOrder, HostTarget, Pace, PlannedWave } from '@vesemir/contract'

/** Hosts in the order in which they have their turn, each with its wave, counted from 1. */
export interface Waves {
  hosts: { target: HostTarget; wave: number }[]
  waves: PlannedWave[]
}

/**
 * Sets hosts in their order and cuts them into waves. A single pace makes one wave, in which a window of that many hosts
 * slides; a list makes waves of those sizes, the last one repeated, each of which may be in flight as a whole. By zone,
 * no wave reaches over the end of a zone. Percentages are of all hosts, round down and are at least 1 (as Ansible's `serial`).
 */
export function planWaves(
  hosts: readonly HostTarget[],
  { pace, order, seed }: { pace: Pace; order: HostOrder; seed: string },
): Waves {
  const planned: Waves = { hosts: [], waves: [] }
  const sizes = Array.isArray(pace) ? pace.map((size) => hostsAtOnce(size, hosts.length)) : undefined
  for (const { zone, members } of zonesOf(inOrder(hosts, order.seed ?? seed, order.by), order.by)) {
    for (let start = 0; start < members.length;) {
      const size = sizes ? sizes[Math.min(planned.waves.length, sizes.length - 1)]! : members.length
      const targets = members.slice(start, start + size)
      const concurrency = Array.isArray(pace) ? targets.length : hostsAtOnce(pace, hosts.length)
      planned.waves.push({ hosts: targets.length, concurrency, ...(zone === undefined ? {} : { zone }) })
      planned.hosts.push(...targets.map((target) => ({ target, wave: planned.waves.length })))
      start += size
    }
  }
  return planned
}

function hostsAtOnce(pace: number | string, hosts: number): number {
  if (typeof pace === 'number') return pace
  return Math.max(1, Math.floor((hosts * Number.parseInt(pace, 10)) / 100))
}

interface Zone {
  zone?: string
  members: readonly HostTarget[]
}

/** The zones in the order of their names; hosts without one come last, as a zone of their own. */
function zonesOf(hosts: readonly HostTarget[], by: HostOrder['by']): Zone[] {
  if (by !== 'zone') return [{ members: hosts }]
  const zones = new Map<string, HostTarget[]>()
  for (const host of hosts) {
    const members = zones.get(host.zone ?? '') ?? []
    zones.set(host.zone ?? '', [...members, host])
  }
  const named = [...zones].filter(([zone]) => zone !== '').sort(([a], [b]) => (a < b ? -1 : 1))
  const rest = zones.get('')
  return [...named.map(([zone, members]) => ({ zone, members })), ...(rest ? [{ members: rest }] : [])]
}

function inOrder(hosts: readonly HostTarget[], seed: string, by: HostOrder['by']): HostTarget[] {
  const key = by === 'shuffle' ? (name: string) => hashOf(`${seed} ${name}`) : () => 0
  return hosts.toSorted((a, b) => key(a.name) - key(b.name) || (a.name < b.name ? -1 : 1))
}

/** FNV-1a, 32 bits, then mixed as MurmurHash3 ends: enough to shuffle by, and the same everywhere. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
