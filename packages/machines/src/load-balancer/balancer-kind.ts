import type { HostTarget, LoadBalancer as Settings } from '@vesemir/contract'
import type { BalancerCapabilities, ServerControl } from '@vesemir/core'

/** The settings that people write for a kind of load balancer. */
export type SettingsOf<Kind extends Settings['kind']> = Extract<Settings, { kind: Kind }>

/** A session with what a kind of load balancer can do; what it lacks is absent. */
export type KindSession = ServerControl & Partial<BalancerCapabilities>

/** One kind of load balancer, as its folder implements it. */
export interface BalancerKind<Written extends Settings = Settings> {
  /** Opens connections to boxes. Throws as `LoadBalancer.open`. */
  open(boxes: readonly HostTarget[], settings: Written, signal?: AbortSignal): Promise<KindSession>
}
