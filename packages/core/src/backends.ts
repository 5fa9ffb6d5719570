import type { HaproxySettings, LoadBalancer } from '@vesemir/contract'
import type { MinHealthy } from './capacity.ts'

/** What is expected of a backend. */
export interface ExpectedBackend {
  name: string
  /** Whether every host must be in it. */
  hosts: 'all' | 'some'
  /** Whether a host must be in it on every box. */
  boxes: 'all' | 'some'
  minHealthy: MinHealthy
}

/** Returns the backends of the settings with what is expected of each: of one that is only named, every host on every box. */
export function listBackends({ backends, minHealthy }: HaproxySettings): ExpectedBackend[] {
  return backends.map((backend) => {
    if (typeof backend === 'string') return { name: backend, hosts: 'all', boxes: 'all', minHealthy }
    return { ...backend, minHealthy: backend.minHealthy ?? minHealthy }
  })
}

/** Returns how many servers of a backend must stay in service: its own number, or else that of all backends. */
export function minHealthyOf(settings: LoadBalancer, name: string): MinHealthy {
  return minHealthyIn(settings)[name] ?? (settings.kind === 'none' ? 0 : settings.minHealthy)
}

/** Returns the numbers of the backends that have one of their own, by name. */
export function minHealthyIn(settings: LoadBalancer): Readonly<Partial<Record<string, MinHealthy>>> {
  const backends = settings.kind === 'haproxy' ? settings.backends : []
  const own = backends.filter((backend) => typeof backend !== 'string')
  return Object.fromEntries(
    own.flatMap(({ name, minHealthy }) => (minHealthy === undefined ? [] : [[name, minHealthy]])),
  )
}
