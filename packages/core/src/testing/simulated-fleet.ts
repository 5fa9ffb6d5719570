import { createHash } from 'node:crypto'
import type { DeploymentEvent, HostTarget, ServerRef, ServerState } from '@vesemir/contract'
import { VesemirError } from '../errors.ts'
import type { Changesets } from '../ports/changesets.ts'
import type { Found, Inventory } from '../ports/inventory.ts'
import type { LoadBalancer, LoadBalancerSession, ServerFigures, ServerWeight } from '../ports/load-balancer.ts'
import type { HttpAnswer, Probes, RemoteSession, RemoteShell } from '../ports/remote-shell.ts'
import type { ServiceManagers } from '../ports/service-managers.ts'
import { describeServer, isInService, isSameServer } from '../servers.ts'
import type { FakeClock } from './fake-clock.ts'
import { writesVariables } from '../variables.ts'

export interface FleetOptions {
  hosts: number
  boxes?: number
  backends?: string[]
  /** How long the application answers nothing after a restart. */
  warmUpMs?: number
}

/** What may go wrong on a host. */
export const faults = [
  'unreachable',
  'lost-at-deploy',
  'restart-fails',
  'never-healthy',
  'check-never-passes',
  'disk-full',
  'falls-back',
  'runs-no-scripts',
  'restart-refused',
  'cannot-introduce',
] as const
export type Fault = (typeof faults)[number]

interface Machine {
  target: HostTarget
  current: string
  running: string
  healthyAtMs: number
  /** When it began to run its first version again, by itself. */
  fellBackAtMs?: number
  fault?: Fault
  /** Seen as down by every box since then. */
  downSinceMs?: number
}

interface Line {
  ref: ServerRef
  host: string
  admin: ServerState['admin']
  weight: number
  sessions: number
  /** Whether the box asks an agent, until the server is taken out. */
  agentChecked?: true
  /** Forced down at this moment: its checks must rise again. */
  downSinceMs?: number
  /** Came out of maintenance at this moment: taken for up until its next check. */
  takenForUpAtMs?: number
}

const riseMs = 400
/** Where every application listens. */
const servicePort = 80
/** How long after a restart a host falls back that does: later than its proof, and in the usual soak. */
const fallBackMs = 4000
const firstVersion = '1.0.0'
/** How long a release is on its way to a host. */
const stagingMs = 50

/**
 * Hosts and boxes as numbers: what a deployment does to them can be run thousands of times. Health checks behave as
 * a load balancer's do: a restart is too short to be seen, so a server shows as up until it is told to prove itself.
 * `violations` collects in words every moment at which one of the two promises was broken.
 */
export class SimulatedFleet {
  readonly machines = new Map<string, Machine>()
  readonly lines: Line[] = []
  readonly boxes: HostTarget[]
  readonly violations: string[] = []
  /** The hosts whose application was asked, each time that it was. */
  readonly asked: string[] = []
  minHealthy = 0
  readonly #clock: FakeClock
  readonly #warmUpMs: number
  /** Which deployment walks a machine, by its events; machines are told by their address. */
  readonly #inHand = new Map<string, string>()
  /** Which deployment worked on a host last. */
  readonly lastWalks = new Map<string, string>()
  readonly #reloads = new Map<string, number>()
  readonly #reloadWatchers = new Map<string, Set<() => void>>()

  constructor(clock: FakeClock, { hosts, boxes = 2, backends = ['app'], warmUpMs = 1000 }: FleetOptions) {
    this.#clock = clock
    this.#warmUpMs = warmUpMs
    this.boxes = Array.from({ length: boxes }, (_, index) => aTarget(`lb-${index + 1}`))
    for (let index = 1; index <= hosts; index += 1) {
      const target = aTarget(`web-${index}`)
      this.machines.set(target.name, { target, current: firstVersion, running: firstVersion, healthyAtMs: 0 })
      for (const box of this.boxes)
        for (const backend of backends)
          this.lines.push({
            ref: { box: box.name, backend, server: target.name },
            host: target.name,
            admin: 'ready',
            weight: 100,
            sessions: 2,
          })
    }
  }

  get targets(): HostTarget[] {
    return [...this.machines.values()].map(({ target }) => target)
  }

  serversOf(host: string): ServerRef[] {
    return this.lines.filter((line) => line.host === host).map(({ ref }) => ref)
  }

  show(refs: readonly ServerRef[]): ServerState[] {
    return refs.map((ref) => this.#show(this.#line(ref)))
  }

  /** As a reload without a state file does: drains and weights are forgotten. */
  reload(box: string): void {
    for (const line of this.lines.filter(({ ref }) => ref.box === box)) {
      line.admin = 'ready'
      line.weight = 100
      delete line.downSinceMs
    }
    this.#reloads.set(box, (this.#reloads.get(box) ?? 0) + 1)
    for (const tell of this.#reloadWatchers.get(box) ?? []) tell()
  }

  isHealthy(host: string): boolean {
    const machine = this.machines.get(host)!
    return machine.healthyAtMs <= this.#clock.elapsedMs
  }

  /** Has the boxes' checks of a host fail until then or its next restart, as under more load than it can bear. */
  takeDown(host: string, { forMs }: { forMs: number }): void {
    const machine = this.machines.get(host)!
    machine.downSinceMs = this.#clock.elapsedMs
    void this.#clock.sleep(forMs).then(() => delete machine.downSinceMs)
  }

  /** Boxes that reach no application. */
  readonly deafBoxes = new Set<string>()
  /** Whether the boxes have nothing to ask with. */
  cannotProbe = false
  /** Whether the boxes check nothing. */
  isUnchecked = false
  /** What services have written into their own logs. */
  serviceLog: readonly string[] = []
  readonly #closedSessions = new WeakSet<RemoteSession>()

  /** Boxes that do not answer. */
  readonly silentBoxes = new Set<string>()
  /** Which part of their requests hosts answer 5xx, by name, on the version that is deployed. */
  readonly errorShares = new Map<string, number>()
  /** How often a box was asked for figures. */
  figuresRead = 0

  /** Follows a deployment by its events: nobody else may walk a machine that it takes out or changes. */
  follow(event: DeploymentEvent, deploymentId: string): void {
    if (event.type !== 'step.started' && event.type !== 'host.ended') return
    const walk = `${deploymentId}/${event.host}`
    const { address } = this.machines.get(event.host)!.target
    const other = this.#inHand.get(address)
    if (event.type === 'host.ended') {
      if (other === walk) this.#inHand.delete(address)
    } else if (event.step !== 'connect' && event.step !== 'guard') {
      if (other !== undefined && other !== walk) this.violations.push(`${walk} is in ${event.step}, beside ${other}`)
      this.#inHand.set(address, walk)
      this.lastWalks.set(event.host, deploymentId)
    }
  }

  /** Called whenever the fleet is looked at. */
  onInspect: () => void = () => {}

  /** Looks at every server: does an unproven host get traffic, does a backend fall short? */
  inspect(): void {
    this.onInspect()
    for (const line of this.lines)
      if (isInService(this.#show(line)) && !this.isHealthy(line.host))
        this.violations.push(`${describeServer(line.ref)} gets traffic, and ${line.host} is not healthy`)
    const backends = new Set(this.lines.map(({ ref }) => `${ref.box} ${ref.backend}`))
    for (const backend of backends) {
      const servers = this.lines.filter(({ ref }) => `${ref.box} ${ref.backend}` === backend)
      const inService = servers.filter((line) => isInService(this.#show(line))).length
      if (inService < this.minHealthy)
        this.violations.push(`${backend} has ${inService} servers, not ${this.minHealthy}`)
    }
  }

  isInventoryDown = false
  /** Hosts that the inventory has no more. */
  readonly gone = new Set<string>()
  /** Hosts of which the inventory says what cannot be used. */
  readonly unusable = new Set<string>()

  readonly inventory: Inventory = {
    findHosts: async ({ hosts: { only } }) => {
      const targets = this.targets.filter(({ name }) => !this.gone.has(name))
      const missing = only?.filter((wanted) => !targets.some(({ name }) => name === wanted)) ?? []
      const found = await this.#find(only ? targets.filter(({ name }) => only.includes(name)) : targets)
      if (missing.length > 0)
        throw new VesemirError('QUERY_INVALID', `hosts.only names ${missing.join(', ')}`, { details: { missing } })
      return found
    },
    findBoxes: () => this.#find(this.boxes),
  }

  readonly remoteShell: RemoteShell = {
    connect: async (target) => {
      if (this.#fault(target) === 'unreachable')
        throw new VesemirError('SSH_UNREACHABLE', `${target.name} refused the connection`)
      return this.#openRemote(target)
    },
  }

  readonly loadBalancer: LoadBalancer = { open: async () => this.#openBalancer() }

  readonly changesets: Changesets = () => ({
    pin: async (changeset, spec, { variables = '' } = {}) => {
      const sum = createHash('sha256').update(variables).digest('hex').slice(0, 8)
      return {
        strategy: 'command',
        id: writesVariables(changeset) ? `${spec.version}-${sum}` : spec.version,
      }
    },
    prove: async () => {},
    stage: async (_, { session, signal }) => {
      await this.#clock.sleep(stagingMs, signal)
      this.#proveScripts(session.target)
      if (this.#fault(session.target) === 'disk-full')
        throw new VesemirError('DISK_SPACE_LOW', `${session.target.name} cannot take the release`)
      return { note: 'sent', current: this.#machine(session.target).current }
    },
    introduce: async (release, { session }) => {
      if (this.#fault(session.target) === 'lost-at-deploy')
        throw new VesemirError('SSH_CONNECTION_LOST', `the connection to ${session.target.name} was lost`)
      if (this.#fault(session.target) === 'cannot-introduce')
        throw new VesemirError('COMMAND_FAILED', `${session.target.name} cannot make ${release.id} current`)
      const machine = this.#machine(session.target)
      const previous = machine.current
      machine.current = release.id
      return { previous, note: 'introduced' }
    },
    revert: async (release, { session, previous }) => {
      const machine = this.#machine(session.target)
      if (machine.current !== release.id) return { note: 'was not introduced', current: machine.current }
      if (previous === undefined)
        throw new VesemirError('ROLLBACK_UNAVAILABLE', `${session.target.name} ran nothing before ${release.id}`)
      machine.current = previous
      return { note: `back to ${previous}`, current: previous }
    },
    inspect: async (release, { session, previous }) => {
      const { current, fault } = this.#machine(session.target)
      if (fault === 'lost-at-deploy')
        throw new VesemirError('SSH_CONNECTION_LOST', `the connection to ${session.target.name} was lost`)
      const isClosed = current === release.id && previous === undefined
      return { current, ...(isClosed ? { unavailable: `nothing ran before ${release.id}` } : {}) }
    },
  })

  readonly serviceManagers: ServiceManagers = () => ({
    restart: async (_, { session }) => {
      const machine = this.#machine(session.target)
      delete machine.downSinceMs
      machine.healthyAtMs = machine.fault === 'never-healthy' ? Infinity : this.#clock.elapsedMs + this.#warmUpMs
      if (machine.fault === 'restart-fails') throw new VesemirError('COMMAND_FAILED', 'the restart exited with 1')
      machine.running = machine.current
      if (machine.fault === 'falls-back') void this.#fallBack(machine)
      this.inspect()
      return undefined
    },
    prove: async (_, { session }) => {
      if (this.#fault(session.target) === 'restart-refused')
        throw new VesemirError('SUDO_REFUSED', `${session.target.name} cannot restart the service`)
    },
    tailLog: async (_, { session, onLine }) => {
      this.inspect()
      if (this.#closedSessions.has(session)) throw new VesemirError('SSH_CONNECTION_LOST', 'the session is closed')
      for (const text of this.serviceLog) await onLine({ stream: 'stdout', text })
    },
  })

  async #find(hosts: HostTarget[]): Promise<Found> {
    if (this.isInventoryDown) throw new VesemirError('INVENTORY_UNREACHABLE', 'the inventory does not answer')
    const unusable = hosts.find(({ name }) => this.unusable.has(name))
    if (unusable) throw new VesemirError('HOST_UNUSABLE', `the inventory has no address of ${unusable.name}`)
    return { hosts, warnings: [] }
  }

  #proveScripts(target: HostTarget): void {
    if (this.#fault(target) === 'runs-no-scripts')
      throw new VesemirError('SCRIPT_NOT_RUN', `${target.name} did not run the script`)
  }

  #openRemote(target: HostTarget): RemoteSession {
    const session: RemoteSession = {
      target,
      closed: Promise.resolve(),
      run: async () => ({ stdout: '' }),
      httpGet: async () => {
        this.asked.push(target.name)
        return this.#answer(this.#machine(target))
      },
      tcpProbe: async () => {},
      proveScripts: async () => this.#proveScripts(target),
      proveProbes: async () => {},
      probesByShell: false,
      [Symbol.asyncDispose]: async () => void this.#closedSessions.add(session),
    }
    return session
  }

  #openProbes(box: string): Probes {
    return {
      httpGet: async ({ address, port }) => {
        if (this.cannotProbe) throw new VesemirError('HOST_TOOL_MISSING', `${box} has nothing to ask with`)
        if (this.deafBoxes.has(box)) throw new Error(`${address}:${port}, asked from ${box}, gave no answer`)
        const machine = [...this.machines.values()].find(({ target }) => addressOf(target.name) === address)
        if (!machine) throw new Error(`nothing listens at ${address}:${port}`)
        return this.#answer(machine)
      },
      tcpProbe: async () => {},
      proveProbes: async () => {},
    }
  }

  #answer({ target, running }: Machine): HttpAnswer {
    return { status: this.isHealthy(target.name) ? 200 : 503, headers: {}, body: running }
  }

  /** By a restart too short to be seen: it is healthy all the time. */
  async #fallBack(machine: Machine): Promise<void> {
    await this.#clock.sleep(fallBackMs)
    if (machine.running === firstVersion) return
    machine.running = firstVersion
    machine.fellBackAtMs = this.#clock.now()
  }

  #openBalancer(): LoadBalancerSession {
    const reach = (refs: readonly ServerRef[]) => {
      const silent = refs.find(({ box }) => this.silentBoxes.has(box))
      if (silent)
        throw new VesemirError('LOAD_BALANCER_UNREACHABLE', `the load balancer on ${silent.box} does not answer`)
    }
    const change = async (refs: readonly ServerRef[], edit: (line: Line) => void) => {
      reach(refs)
      for (const ref of refs) edit(this.#line(ref))
      this.inspect()
      return this.show(refs)
    }
    const changeWeights = (weights: readonly ServerWeight[], edit: (line: Line) => void) =>
      change(
        weights.map(({ server }) => server),
        (line) => {
          line.weight = weights.find(({ server }) => isSameServer(server, line.ref))!.weight
          edit(line)
        },
      )
    return {
      locate: async (hosts) => ({
        hosts: hosts.map(({ name }) => ({ servers: this.serversOf(name), byName: [], others: [] })),
        missing: [],
      }),
      read: async (refs) => {
        reach(refs)
        this.inspect()
        for (const ref of refs) this.#letSessionsEnd(this.#line(ref))
        return this.show(refs)
      },
      untilReloaded: (refs, { noticeMs, signal }) => this.#untilReloaded(refs, { noticeMs, signal }),
      probesFrom: async (box) => this.#openProbes(box),
      readProcess: async (box) => `${box} ${this.#reloads.get(box) ?? 0}`,
      readAmongPeers: async (refs) =>
        this.show(refs).map((server) => ({
          ...server,
          inService: this.show(this.#peersOf([server]).map(({ ref }) => ref)).filter(isInService).length,
        })),
      readPeers: async (refs) => this.show(this.#peersOf(refs).map(({ ref }) => ref)),
      readFigures: async (refs) => {
        reach(refs)
        this.figuresRead += 1
        return this.show(this.#peersOf(refs).map(({ ref }) => ref)).map((server) => this.#figuresOf(server))
      },
      advise: async () => [],
      drain: (refs) => change(refs, takeOut('drain')),
      hold: (refs) => change(refs, takeOut('maint')),
      cutSessions: async (refs) => {
        for (const ref of refs) this.#line(ref).sessions = 0
      },
      demandProof: (weights) =>
        changeWeights(weights, (line) => {
          takeOut('drain')(line)
          line.downSinceMs = this.#clock.elapsedMs
        }),
      admit: (weights) =>
        changeWeights(weights, (line) => {
          if (line.admin === 'maint') line.takenForUpAtMs = this.#clock.elapsedMs
          line.admin = 'ready'
        }),
      setWeights: (weights) => changeWeights(weights, () => {}),
      [Symbol.asyncDispose]: async () => {},
    }
  }

  /** Ten requests a second for each server in service. */
  #figuresOf(state: ServerState): ServerFigures {
    const { box, backend, server, sessions } = state
    const requests = Math.floor(this.#clock.elapsedMs / 100)
    const isUpdated = this.machines.get(server)?.running !== firstVersion
    const serverErrors = isUpdated ? Math.floor(requests * (this.errorShares.get(server) ?? 0)) : 0
    const countedBy = `${box} ${this.#reloads.get(box) ?? 0}`
    const counts = { countedBy, requests, serverErrors, connectionErrors: 0, responseTimeMs: 10 }
    return { box, backend, server, inService: isInService(state), sessions, sessionsPerSecond: 10, ...counts }
  }

  async #untilReloaded(
    refs: readonly ServerRef[],
    { noticeMs, signal }: { noticeMs: number; signal: AbortSignal },
  ): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const boxes = new Set(refs.map(({ box }) => box))
    for (const box of boxes) this.#reloadWatchers.set(box, (this.#reloadWatchers.get(box) ?? new Set()).add(resolve))
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    try {
      await promise
      await this.#clock.sleep(noticeMs, signal)
    } finally {
      for (const box of boxes) this.#reloadWatchers.get(box)?.delete(resolve)
    }
  }

  #peersOf(refs: readonly ServerRef[]): Line[] {
    return this.lines.filter(({ ref }) => refs.some(({ box, backend }) => box === ref.box && backend === ref.backend))
  }

  /** Whether the checks have passed since proof was demanded last; a fault that comes later does not take that back. */
  #isProved(line: Line): boolean {
    if (line.downSinceMs === undefined) return true
    const { fault, healthyAtMs } = this.machines.get(line.host)!
    if (fault === 'check-never-passes') return false
    if (Math.max(line.downSinceMs, healthyAtMs) + riseMs > this.#clock.elapsedMs) return false
    delete line.downSinceMs
    return true
  }

  /** Whether its next check is still to come, after maintenance; one that fails takes it down. */
  #isTakenForUp(line: Line): boolean {
    const { takenForUpAtMs, host } = line
    if (takenForUpAtMs === undefined) return false
    if (takenForUpAtMs + riseMs > this.#clock.elapsedMs) return true
    delete line.takenForUpAtMs
    if (this.machines.get(host)!.fault === 'check-never-passes') line.downSinceMs = takenForUpAtMs + riseMs
    return false
  }

  #show(line: Line): ServerState {
    const isTakenForUp = this.#isTakenForUp(line)
    const { ref, host, admin, weight, sessions, agentChecked } = line
    const failingSinceMs = this.machines.get(host)!.downSinceMs ?? (this.#isProved(line) ? undefined : line.downSinceMs)
    const isDown = failingSinceMs !== undefined
    const downForSeconds = isDown ? Math.floor((this.#clock.elapsedMs - failingSinceMs) / 1000) : 0
    return {
      endpoint: { address: addressOf(host), port: servicePort },
      ...ref,
      admin,
      health: isDown ? 'down' : 'up',
      ...(isDown && admin === 'ready' ? { downForSeconds } : {}),
      checked: !this.isUnchecked,
      ...(isTakenForUp && admin === 'ready' ? { unconfirmed: true } : {}),
      ...(agentChecked ? { agentChecked } : {}),
      weight,
      initialWeight: 100,
      sessions,
    }
  }

  #letSessionsEnd(line: Line): void {
    line.sessions = line.admin === 'ready' ? 2 : Math.max(0, line.sessions - 1)
  }

  #line(ref: ServerRef): Line {
    return this.lines.find((line) => isSameServer(line.ref, ref))!
  }

  #machine(target: HostTarget): Machine {
    return this.machines.get(target.name)!
  }

  #fault(target: HostTarget): Fault | undefined {
    return this.#machine(target).fault
  }
}

function takeOut(admin: 'drain' | 'maint'): (line: Line) => void {
  return (line) => {
    line.admin = admin
    delete line.agentChecked
  }
}

/** Makes a machine's address in the fleet: each has its own. */
export function aTarget(name: string): HostTarget {
  return { name, address: addressOf(name), port: 22, user: 'deploy', hostKeys: ['ssh-ed25519 AAAA'] }
}

function addressOf(host: string): string {
  return `${host}.example`
}
