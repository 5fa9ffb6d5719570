import { durationMs, type HaproxySettings, type HostTarget, type LoadBalancer as Settings } from '@vesemir/contract'
import type { Clock, LoadBalancer } from '@vesemir/core'
import type { SshShell } from '../../remote-shell/index.ts'
import { allOrFirstError } from './all-or-first-error.ts'
import { BoxPool } from './box-pool.ts'
import type { HaproxyOptions } from './haproxy-options.ts'
import { createHaproxySession } from './haproxy-session.ts'

/** Speaks to HAProxy boxes by their admin sockets, over SSH: one connection per box, for the whole process. */
export function createHaproxy(
  options: HaproxyOptions,
  { remoteShell, clock }: { remoteShell: SshShell; clock: Clock },
): LoadBalancer & AsyncDisposable {
  const { socket, sudo } = options
  const deps = { remoteShell, clock, socket, sudo, answerTimeoutMs: durationMs(options.answerTimeout) }
  const pool = new BoxPool(deps, { idleTimeMs: durationMs(options.idleTime) })

  async function open(boxes: readonly HostTarget[], settings: Settings, signal?: AbortSignal) {
    const leases = boxes.map((target) => pool.lease(target))
    try {
      await allOrFirstError(leases.map(({ box }) => box.connect(signal)))
      return createHaproxySession(leases, { settings: haproxySettings(settings), clock })
    } catch (error) {
      for (const lease of leases) lease.release()
      throw error
    }
  }

  return { open, [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose]() }
}

function haproxySettings(settings: Settings): HaproxySettings {
  if (settings.kind === 'haproxy') return settings
  throw new TypeError(`a load balancer of kind ${settings.kind} reached the one of kind haproxy`)
}
