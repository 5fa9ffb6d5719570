import { HaproxySettings, type HostTarget } from '@vesemir/contract'
import type { LoadBalancerSession } from '@vesemir/core'
import type { z } from 'zod'
import { createSystemClock } from '@vesemir/process/clock'
import { createSsh } from '../../../remote-shell/index.ts'
import { startSshd, type Sshd } from '../../../remote-shell/ssh/testing/start-sshd.ts'
import { createLoadBalancers, LoadBalancersOptions } from '../../index.ts'
import { installedHaproxy } from '@vesemir/testing/haproxy-programs'
import { startHaproxy, type Haproxy, type HaproxyStart } from '@vesemir/testing/start-haproxy'

/** A machine with a real sshd and a real HAProxy. */
export interface TestBox extends AsyncDisposable {
  name: string
  target: HostTarget
  sshd: Sshd
  haproxy: Haproxy
  /** Gives the load balancer that a worker with these settings has. */
  connect(given?: { options?: Partial<Options>; target?: HostTarget; env?: Record<string, string> }): Connected
}

/** A worker's load balancer; closing it closes its sessions too. */
export interface Connected extends AsyncDisposable {
  open(settings?: Partial<z.input<typeof HaproxySettings>>): Promise<LoadBalancerSession>
}

type Options = z.input<typeof LoadBalancersOptions>['haproxy'] & {}

/** Starts a box with the proxies of a configuration. */
export async function startBox(
  proxies: string,
  given: Partial<HaproxyStart> & { sshd?: readonly string[] } = {},
): Promise<TestBox> {
  const sshd = await startSshd({ settings: given.sshd ?? [] })
  const { level = 'admin', global = [], program = installedHaproxy, hasPidNamespace } = given
  const haproxy = await startHaproxy(proxies, { level, global, program, hasPidNamespace })
  const { target } = sshd
  return {
    name: target.name,
    target,
    sshd,
    haproxy,
    connect({ options = {}, target: other = target, env = {} } = {}) {
      const haproxyOptions = { socket: haproxy.socket, ...options }
      const balancers = createLoadBalancers(LoadBalancersOptions.parse({ haproxy: haproxyOptions }), {
        remoteShell: createSsh(sshd.options, { env: {} }),
        clock: createSystemClock(),
        env,
      })
      return {
        open: (settings = {}) => balancers.open([other], aSettings(settings)),
        [Symbol.asyncDispose]: () => balancers[Symbol.asyncDispose](),
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([haproxy[Symbol.asyncDispose](), sshd[Symbol.asyncDispose]()])
    },
  }
}

/** An application's settings for HAProxy, complete; what a test is about is given. */
function aSettings(given: Partial<z.input<typeof HaproxySettings>>): HaproxySettings {
  return HaproxySettings.parse({ kind: 'haproxy', boxes: { names: ['lb1'] }, backends: ['app'], ...given })
}
