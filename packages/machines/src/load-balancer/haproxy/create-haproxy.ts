import { durationMs, type HaproxySettings, type HostTarget } from '@vesemir/contract'
import type { LoadBalancerSession } from '@vesemir/core'
import { readSudo } from '../../remote-shell/index.ts'
import type { BalancerKind } from '../balancer-kind.ts'
import type { LoadBalancersDeps } from '../deps.ts'
import { allOrFirstError } from './all-or-first-error.ts'
import { BoxPool } from './box-pool.ts'
import type { HaproxyOptions } from './haproxy-options.ts'
import { createHaproxySession } from './haproxy-session.ts'

/** HAProxy can do all that a walk asks for. */
interface Haproxy extends BalancerKind<HaproxySettings> {
  open(boxes: readonly HostTarget[], settings: HaproxySettings, signal?: AbortSignal): Promise<LoadBalancerSession>
}

/**
 * Speaks to HAProxy boxes by their admin sockets: one connection per box, for the whole process.
 * @throws {VesemirError} `CONFIG_INVALID` when the password for sudo cannot be read
 */
export function createHaproxy(
  options: HaproxyOptions,
  { remoteShell, clock, env = process.env }: LoadBalancersDeps,
): Haproxy & AsyncDisposable {
  const { socket, from } = options
  const sudo = options.sudo ? readSudo(options.sudo === true ? { user: 'root' } : options.sudo, env) : undefined
  const deps = { remoteShell, clock, socket, from, sudo, answerTimeoutMs: durationMs(options.answerTimeout) }
  const pool = new BoxPool(deps, { idleTimeMs: durationMs(options.idleTime) })

  async function open(boxes: readonly HostTarget[], settings: HaproxySettings, signal?: AbortSignal) {
    const leases = boxes.map((target) => pool.lease(target))
    try {
      await allOrFirstError(leases.map(({ box }) => box.connect(signal)))
      return createHaproxySession(leases, settings)
    } catch (error) {
      for (const lease of leases) lease.release()
      throw error
    }
  }

  return { open, [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose]() }
}
