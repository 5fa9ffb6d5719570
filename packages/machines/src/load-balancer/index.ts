import type { LoadBalancer as Settings } from '@vesemir/contract'
import type { LoadBalancer } from '@vesemir/core'
import { z } from 'zod'
import type { BalancerKind, SettingsOf } from './balancer-kind.ts'
import { completeSession } from './complete-session.ts'
import type { LoadBalancersDeps } from './deps.ts'
import { createHaproxy } from './haproxy/create-haproxy.ts'
import { HaproxyOptions } from './haproxy/haproxy-options.ts'
import { createNone } from './none/create-none.ts'

export { completeSession, createNone }

/** A worker's settings for load balancers, by kind. */
export const LoadBalancersOptions = z.strictObject({
  haproxy: HaproxyOptions.prefault({}).meta({ description: 'How the admin sockets of HAProxy are reached.' }),
})
export type LoadBalancersOptions = z.infer<typeof LoadBalancersOptions>

/**
 * Creates every load balancer once, and picks among them by an application's `kind`. Connections to boxes are opened when
 * they are first needed, shared by everything in the process, and closed at the end.
 */
export function createLoadBalancers(
  options: LoadBalancersOptions,
  deps: LoadBalancersDeps,
): LoadBalancer & AsyncDisposable {
  const haproxy = createHaproxy(options.haproxy, deps)
  const byKind: { [Kind in Settings['kind']]: BalancerKind<SettingsOf<Kind>> } = { haproxy, none: createNone() }
  const kindOf = ({ kind }: Settings): BalancerKind => byKind[kind]
  return {
    open: async (boxes, settings, signal) => completeSession(await kindOf(settings).open(boxes, settings, signal)),
    [Symbol.asyncDispose]: () => haproxy[Symbol.asyncDispose](),
  }
}
