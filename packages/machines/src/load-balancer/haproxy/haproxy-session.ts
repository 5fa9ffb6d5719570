import type { HaproxySettings } from '@vesemir/contract'
import { isOver, listBackends, type LoadBalancerSession, type LocatedHost } from '@vesemir/core'
import { allOrFirstError } from './all-or-first-error.ts'
import type { Lease } from './box-pool.ts'
import type { BoxServers } from './box-servers.ts'
import { createChanges } from './change-servers.ts'
import { forgetsOverReload } from './read-configuration.ts'
import { SessionBoxes } from './session-boxes.ts'

/** Works on the servers of some boxes, all boxes at once; the boxes are given back at its end. */
export function createHaproxySession(leases: readonly Lease[], settings: HaproxySettings): LoadBalancerSession {
  const boxes = new SessionBoxes(leases)
  return {
    async locate(hosts, signal) {
      const { serverPort } = settings
      const backends = listBackends(settings).map(({ name }) => name)
      const perBox = await allOrFirstError(boxes.all.map((box) => box.locate(hosts, { backends, serverPort }, signal)))
      return {
        hosts: hosts.map((_, index) => onAllBoxes(perBox.map((located) => located.hosts[index]!))),
        missing: perBox.flatMap(({ missing }) => missing),
      }
    },
    read: (servers, signal) => boxes.statesOf(servers, (box, own) => box.read(own, signal)),
    readAmongPeers: (servers, signal) => boxes.statesOf(servers, (box, own) => box.readAmongPeers(own, signal)),
    readPeers: async (servers, signal) =>
      (await boxes.collect(servers, (box, own) => box.readPeers(own, signal))).flat(),
    readFigures: async (servers, signal) =>
      (await boxes.collect(servers, (box, own) => box.readFigures(own, signal))).flat(),
    untilReloaded: (servers, options) => untilOne(boxes.of(servers), options),
    readProcess: (name, signal) => boxes.get(name).readProcess(signal),
    probesFrom: (name, signal) => boxes.get(name).probes(signal),
    advise: (signal) => advise(leases, signal),
    cutSessions: async (servers, signal) => {
      await boxes.collect(servers, (box, own) => box.cutSessions(own, signal))
    },
    ...createChanges(boxes),
    async [Symbol.asyncDispose]() {
      for (const lease of leases) lease.release()
    },
  }
}

function onAllBoxes(perBox: readonly LocatedHost[]): LocatedHost {
  return {
    servers: perBox.flatMap(({ servers }) => servers),
    byName: perBox.flatMap(({ byName }) => byName),
    others: perBox.flatMap(({ others }) => others),
  }
}

/** Says which boxes forget drains over a reload; of one whose configuration may not be read, nothing is known. */
async function advise(leases: readonly Lease[], signal?: AbortSignal): Promise<string[]> {
  const forgetful = await allOrFirstError(
    leases.map(async ({ box }) => {
      const configuration = await box.readConfiguration(signal)
      return configuration !== undefined && forgetsOverReload(configuration) ? [box.target.name] : []
    }),
  )
  const names = forgetful.flat()
  if (names.length === 0) return []
  return [
    `${names.join(', ')} would lose drains on a reload and send traffic to a restarting host for some milliseconds; set load-server-state-from-file (docs/haproxy.md)`,
  ]
}

/** Settles with the first of the boxes, and then waits for no other. */
async function untilOne(
  boxes: readonly BoxServers[],
  { noticeMs, signal }: { noticeMs: number; signal: AbortSignal },
): Promise<void> {
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  const waits = boxes.map((box) => box.untilReloaded({ noticeMs, signal: either }))
  try {
    await Promise.race(waits)
  } finally {
    over.abort(isOver)
    await Promise.allSettled(waits)
  }
}
