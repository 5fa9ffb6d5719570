/** The ports of a fleet. Every machine has its own address, so that they need not differ between machines. */
export interface FleetPorts {
  ssh: number
  app: number
  frontend: number
  redis: number
  chef: number
}

/** Lines that a test adds to every box's HAProxy configuration. */
export interface HaproxyExtras {
  /** For the application's backend. */
  backendLines: string[]
  /** After each of its servers: `cookie {name}`; {name} is the server's. */
  serverOptions: string
  /** Whole sections: further backends, or listens. */
  extraBackends: string[]
}

/** What a fleet is to be. */
export interface FleetOptions {
  /** Everything is kept there. What an earlier fleet left in it is removed. */
  dir: string
  /** Application VMs: `web-1`… Default 6, at most 250. */
  hosts?: number
  /** HAProxy boxes: `lb-1`… Default 2, at most 250. */
  boxes?: number
  /** Two octets, default `127.77`: VM i is `127.77.1.i`, box j `127.77.2.j`, Redis and Chef `127.77.0.1`. */
  network?: string
  ports?: Partial<FleetPorts>
  application?: string
  environment?: string
  team?: string
  /** The VMs' Chef tags. Default `web`. */
  tags?: string[]
  /** Further applications on every VM: each a service, and on every box a backend and a frontend, of its own. Default none. */
  neighbours?: string[]
  /** Boxes whose HAProxy has a PID namespace of its own, as in a container: restarted, it has the same process id. Default none. */
  pidNamespaces?: string[]
  /** The first release, a folder or a tar.gz. Default: a build of the sample application. */
  release?: string
  /** What the first release is called. Default `0.9.0`. */
  version?: string
  haproxy?: Partial<HaproxyExtras>
  /** Ends a start early; what was started is stopped. */
  signal?: AbortSignal
}

const defaultPorts: FleetPorts = { ssh: 2222, app: 8080, frontend: 8000, redis: 6379, chef: 4545 }

/** Fills in the defaults, and refuses what would only fail later, in a program's own words. */
export function completeOptions(options: FleetOptions) {
  const { hosts = 6, boxes = 2, network = '127.77', application = 'payments', environment = 'production' } = options
  const { team = 'core', tags = ['web'], version = '0.9.0', neighbours = [], pidNamespaces = [] } = options
  const ports = { ...defaultPorts, ...options.ports }
  requireThat(isCount(hosts), `hosts must be a whole number from 1 to 250, not ${hosts}`)
  requireThat(isCount(boxes), `boxes must be a whole number from 1 to 250, not ${boxes}`)
  const octet = /^127\.(\d{1,3})$/.exec(network)?.[1]
  requireThat(Number(octet) >= 1 && Number(octet) <= 254, `network must be from 127.1 to 127.254, not ${network}`)
  for (const [name, port] of Object.entries(ports)) {
    const isPort = Number.isInteger(port) && port > 0 && port < 65_536
    requireThat(isPort, `the ${name} port must be a whole number from 1 to 65535, not ${port}`)
  }
  for (const [what, name] of Object.entries({ application, environment, team, version })) requireName(what, name)
  for (const tag of tags) requireName('tag', tag)
  for (const neighbour of neighbours) requireName('neighbour', neighbour)
  const haproxy: HaproxyExtras = { backendLines: [], serverOptions: '', extraBackends: [], ...options.haproxy }
  const names = { application, environment, team, tags, version, neighbours }
  return { ...options, ...names, hosts, boxes, network, ports, haproxy, pidNamespaces }
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 250
}

function requireName(what: string, name: string): void {
  requireThat(
    /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name),
    `${what} must be of letters, digits, "_", "." and "-", not ${JSON.stringify(name)}`,
  )
}

function requireThat(isSo: boolean, message: string): void {
  if (!isSo) throw new Error(message)
}
