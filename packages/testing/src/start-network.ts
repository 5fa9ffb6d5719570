import { execFileSync } from 'node:child_process'

/**
 * Machines in network namespaces of their own, on one switch behind a jump host: from here there is a cable to the jump host
 * alone, and no way to the others but through it.
 */
export interface Network extends Disposable {
  jumpHost: Place
  hosts: Record<string, Place>
  /** Pulls a machine's cable out, or puts it back. */
  setCable(machine: Place, state: 'up' | 'down'): void
}

export interface Place {
  namespace: string
  address: string
  /** The end of its cable that is not its own. */
  cable: Cable
}

interface Cable {
  namespace: string | undefined
  device: string
}

/** Why there can be no such network here; nothing where there can. */
export function networkObstacle(): string | undefined {
  if (process.getuid?.() !== 0) return 'network namespaces take root'
  const probe = `vsm${process.pid}p`
  try {
    ip('netns', 'add', probe)
    ip('netns', 'exec', probe, 'ip', 'link', 'set', 'lo', 'up')
    ip('netns', 'del', probe)
    return undefined
  } catch (error) {
    return `network namespaces are not to be had here: ${(error as Error).message.split('\n')[1] ?? 'no ip command'}`
  }
}

/** Makes a jump host, and hosts of these names behind it. Addresses are of RFC 2544's range, which nobody else uses. */
export function startNetwork(names: readonly string[]): Network {
  const short = `vsm${process.pid}`
  const net = process.pid % 256
  const made: string[] = []
  const addNamespace = (name: string) => {
    ip('netns', 'add', name)
    made.push(name)
    ip('-n', name, 'link', 'set', 'lo', 'up')
    return name
  }
  const fences: string[] = []
  // Where no cable leads to an address, nothing for it may leave this machine by its default route.
  const fence = (range: string) => {
    ip('route', 'add', 'unreachable', range, 'metric', lastMetric)
    fences.push(range)
  }
  const remove = () => {
    for (const range of fences) ip('route', 'del', 'unreachable', range, 'metric', lastMetric)
    // A cable goes with either of its ends.
    for (const name of made) ip('netns', 'del', name)
  }
  try {
    fence(`198.18.${net}.0/24`)
    fence(`198.19.${net}.0/30`)
    const jump = addNamespace(`${short}-jump`)
    const uplink = `${short}u`
    ip('link', 'add', uplink, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', jump)
    ip('addr', 'add', `198.19.${net}.1/30`, 'dev', uplink)
    ip('link', 'set', uplink, 'up')
    ip('-n', jump, 'addr', 'add', `198.19.${net}.2/30`, 'dev', 'eth0')
    ip('-n', jump, 'link', 'set', 'eth0', 'up')
    ip('-n', jump, 'link', 'add', 'switch', 'type', 'bridge')
    ip('-n', jump, 'addr', 'add', `198.18.${net}.1/24`, 'dev', 'switch')
    ip('-n', jump, 'link', 'set', 'switch', 'up')
    const hosts = names.map((name, index): [string, Place] => {
      const namespace = addNamespace(`${short}-${name}`)
      const device = `port${index}`
      ip('-n', jump, 'link', 'add', device, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace)
      ip('-n', jump, 'link', 'set', device, 'master', 'switch', 'up')
      const address = `198.18.${net}.${10 + index}`
      ip('-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'eth0')
      ip('-n', namespace, 'link', 'set', 'eth0', 'up')
      return [name, { namespace, address, cable: { namespace: jump, device } }]
    })
    return {
      jumpHost: {
        namespace: jump,
        address: `198.19.${net}.2`,
        cable: { namespace: undefined, device: uplink },
      },
      hosts: Object.fromEntries(hosts),
      setCable({ cable: { namespace, device } }, state) {
        ip(...(namespace === undefined ? [] : ['-n', namespace]), 'link', 'set', device, state)
      },
      [Symbol.dispose]: remove,
    }
  } catch (error) {
    remove()
    throw error
  }
}

/** Of a route that is taken when there is no other. */
const lastMetric = '65535'

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}
