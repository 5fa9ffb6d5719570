import type { Command, DeploymentEvent, DeploymentSpec, DeploymentView, HostRecord, StepName } from '@vesemir/contract'
import type { Rules } from '../access/rules.ts'
import { isEnded } from '../apply-event.ts'
import { noticesOf, type AddressedNotice } from '../notices-of.ts'
import { claimWith } from '../claim-with.ts'
import type { Clock } from '../ports/clock.ts'
import type { WalkToStart } from '../ports/host-jobs.ts'
import type { RemoteShell } from '../ports/remote-shell.ts'
import type { Secrets } from '../ports/secrets.ts'
import { runHost } from '../run-host.ts'
import { runRollout } from '../run-rollout.ts'
import { isHeldOut } from '../servers.ts'
import { isVesemirError, VesemirError } from '../errors.ts'
import { lastWalkOf } from '../walk-again.ts'
import type { FakeClock } from './fake-clock.ts'
import { InMemoryJournal } from './in-memory-journal.ts'
import { InMemoryMarks } from './in-memory-marks.ts'
import { InMemoryLocks } from './in-memory-locks.ts'
import { InMemoryOwners } from './in-memory-owners.ts'
import { InMemoryEnvironment, InMemoryRecord } from './in-memory-record.ts'
import { noSecrets } from './no-secrets.ts'
import type { SimulatedFleet } from './simulated-fleet.ts'

/** In a simulation a bug is to be seen, not to be recorded. */
const onBug = (error: unknown): never => {
  throw error
}

/** What the workers of all deployments share. */
export class SharedState {
  readonly journal = new InMemoryJournal()
  readonly marks = new InMemoryMarks()
  readonly locks = new InMemoryLocks()
  readonly owners = new InMemoryOwners()
  /** Those that workers know. */
  secrets: Secrets = noSecrets
  readonly #places = new Map<string, InMemoryEnvironment>()

  subjectOf({ application, environment }: DeploymentSpec): InMemoryEnvironment {
    const key = `${application}/${environment}`
    const place = this.#places.get(key) ?? new InMemoryEnvironment()
    this.#places.set(key, place)
    return place
  }
}

/** How long it takes until another worker takes up what a dead one left. */
const takeOverMs = 8000

/**
 * Workers that carry out a deployment on a simulated fleet, and die at chosen moments: at the n-th thing that they do, all
 * of them at once. What a dead worker had begun never ends; others take it up after a while, as a queue's stalled jobs.
 */
export class SimulatedWorkers {
  crashes = 0
  /** What the workers' settings hold to. */
  rules: Rules = { protections: [] }
  /** What people were told, each time that it was. */
  readonly notices: AddressedNotice[] = []
  /** By how much the time of day is ahead on workers: of the first attempt, the second, and so on, then from the first again. */
  clocksAheadMs: readonly number[] = [0]
  /** How long each run of a task takes. */
  taskMs = 500
  /** Whether replicas of Redis have what is to survive a fail-over. */
  isReplicated = true
  /** Each run of a task, whether it came to its end, and on which host it was. */
  readonly taskRuns: { task: string; env: Readonly<Record<string, string>>; isDone: boolean; on?: string }[] = []
  /** Tasks that fail at their end. */
  readonly failingTasks = new Set<string>()
  readonly #clock: FakeClock
  readonly #fleet: SimulatedFleet
  readonly #spec: DeploymentSpec
  readonly #record: InMemoryRecord
  readonly #shared: SharedState
  readonly #jobs = new Map<string, Promise<void>>()
  #crashesAt: number[] = []
  #expiriesAt: number[] = []
  #actsAt: { at: number; act: () => void }[] = []
  #reactions: { to: (event: DeploymentEvent) => boolean; react: () => void }[] = []
  #commandsAt: { at: number; command: Command; by?: string }[] = []
  #done = 0
  /** The number of the last event of which people were told. */
  #told = 0
  #generation = 0
  #attempts = 0
  #crashed = Promise.withResolvers<'crashed'>()

  constructor(clock: FakeClock, fleet: SimulatedFleet, spec: DeploymentSpec, shared = new SharedState()) {
    this.#clock = clock
    this.#fleet = fleet
    this.#spec = spec
    this.#shared = shared
    const { records } = shared.owners
    const id = `d-${records.size + 1}`
    const queued = { type: 'deployment.queued', id, spec, requestedBy: 'test' } as const
    this.#record = new InMemoryRecord(clock, queued, shared.subjectOf(spec))
    records.set(id, this.#record)
    this.#record.onEvent = (event) => {
      this.#fleet.follow(event, id)
      const due = this.#reactions.filter(({ to }) => to(event))
      this.#reactions = this.#reactions.filter((reaction) => !due.includes(reaction))
      for (const { react } of due) react()
    }
  }

  get events(): readonly DeploymentEvent[] {
    return this.#record.events
  }

  get view(): DeploymentView {
    return this.#record.view
  }

  /** A second deployment of the same fleet, after this one. */
  another(version = this.#spec.version): SimulatedWorkers {
    return new SimulatedWorkers(this.#clock, this.#fleet, { ...this.#spec, version }, this.#shared)
  }

  /** A deployment of another application to the same fleet, beside this one. */
  beside(application: string, changes: Partial<DeploymentSpec> = {}): SimulatedWorkers {
    return new SimulatedWorkers(this.#clock, this.#fleet, { ...this.#spec, application, ...changes }, this.#shared)
  }

  /** Lets all workers die after each of these numbers of actions. */
  crashEvery(actions: readonly number[]): void {
    let at = 0
    this.#crashesAt = actions.map((after) => (at += after))
  }

  /** Lets all workers die at the next thing that one of them does. */
  crashNext(): void {
    this.#crashesAt = [this.#done + 1]
  }

  /** Lets every lock run out after each of these numbers of actions, as when Redis is away for longer than they last. */
  expireLocksEvery(actions: readonly number[]): void {
    let at = 0
    this.#expiriesAt = actions.map((after) => (at += after))
  }

  /** Has a person give commands: each after so many things that workers do. */
  commandAfter(commands: readonly { actions: number; command: Command; by?: string }[]): void {
    let at = 0
    this.#commandsAt = commands.map(({ actions, ...given }) => ({ ...given, at: (at += actions) }))
  }

  /** Gives a command now; a deployment that had ended goes on with `runToTheEnd`. */
  command(command: Command): boolean {
    return this.#record.command(command)
  }

  /** Gives a command as soon as the deployment is so, and does something else just before. */
  commandWhen(status: 'gated' | 'paused', command: Command, before: () => void = () => {}): void {
    this.#when(
      ({ type }) => type === `deployment.${status}`,
      () => {
        before()
        this.#record.command(command)
      },
    )
  }

  /** Has these people approve the next gate, one after another. */
  approveBy(...people: string[]): void {
    this.#when(
      ({ type }) => type === 'deployment.gated',
      () => {
        for (const by of people) this.#record.command({ command: 'approve' }, by)
      },
    )
  }

  /** Has a person let each pause last no longer than this. */
  resumeEachPauseAfter(ms: number): void {
    this.#when(
      ({ type }) => type === 'deployment.paused',
      () => {
        this.resumeEachPauseAfter(ms)
        void this.#clock.sleep(ms).then(() => this.#record.command({ command: 'resume' }))
      },
    )
  }

  /** Gives a command when the first host comes to this step. */
  commandAtStep(step: StepName, command: Command): void {
    this.atStep(step, () => this.#record.command(command))
  }

  /** Does something when the first host comes to this step. */
  atStep(step: StepName, react: () => void): void {
    this.#when((event) => event.type === 'step.started' && event.step === step, react)
  }

  /** Does something after each of these numbers of things that workers do. */
  actAfter(actions: readonly number[], act: () => void): void {
    let at = 0
    this.#actsAt = actions.map((after) => ({ at: (at += after), act }))
  }

  /** Does something when the first event of this type comes. */
  onFirst(type: DeploymentEvent['type'], react: () => void): void {
    this.#when((event) => event.type === type, react)
  }

  #when(to: (event: DeploymentEvent) => boolean, react: () => void): void {
    this.#reactions.push({ to, react })
  }

  /** Lets Redis fail over, once a host comes to a step, to a replica that has nothing from another event on. */
  loseWrites({ host, step }: { host: string; step: StepName }, from: (event: DeploymentEvent) => boolean): void {
    this.#when(
      (event) => event.type === 'step.started' && event.host === host && event.step === step,
      () => this.#record.loseFrom(this.events.find(from)!.seq),
    )
  }

  /** Lets no worker know for a while whether the deployment is still its own, as when Redis is away. */
  silenceClaims(ms: number): void {
    const endMs = this.#clock.now() + ms
    this.#record.answers = () => this.#clock.sleep(Math.max(0, endMs - this.#clock.now()))
  }

  /** The most hosts that were walked at once, of each wave. */
  mostInFlight(): number[] {
    const most: number[] = []
    const inFlight = new Set<string>()
    for (const event of this.events) {
      if (event.type === 'host.claimed') inFlight.add(event.host)
      if (event.type === 'host.ended') inFlight.delete(event.host)
      for (const wave of new Set([...inFlight].map((name) => this.host(name).wave)))
        most[wave - 1] = Math.max(most[wave - 1] ?? 0, inFlight.size)
    }
    return most
  }

  /** As when an earlier deployment had taken the host out: the journal has its servers. */
  async noteAsOurs(host: string): Promise<void> {
    const servers = this.#fleet.show(this.#fleet.serversOf(host))
    const noted = servers.map((server) => ({ server, weights: [server.weight] }))
    await this.#shared.journal.note(noted, { deploymentId: this.view.deployment.id, host })
  }

  host(name: string): HostRecord {
    return this.view.hosts.find(({ target }) => target.name === name)!
  }

  get shared(): SharedState {
    return this.#shared
  }

  heldLocks(): number {
    return this.#shared.locks.held
  }

  ownedResources(): number {
    return this.#shared.owners.held
  }

  async runToTheEnd(): Promise<void> {
    for (;;) {
      const generation = this.#generation
      const coordinator = this.#runCoordinator(generation)
      const end = await Promise.race([coordinator, this.#crashed.promise])
      if (end !== 'crashed') return
      this.#crashed = Promise.withResolvers()
      await this.#clock.sleep(takeOverMs)
      this.#shared.locks.expire()
      const left = [...this.#jobs.keys()]
      this.#jobs.clear()
      for (const host of left) this.#startJob(host)
    }
  }

  /** In words, each host that is said to run another release than the machine does. */
  untrueReleases(): string[] {
    return [...this.#shared.subjectOf(this.#spec).running].flatMap(([host, { release }]) => {
      const { current } = this.#fleet.machines.get(host)!
      return release === current ? [] : [`${host} is said to run ${release}, and runs ${current}`]
    })
  }

  /** In words, each host whose record says something else than the boxes and the machine do. */
  untrueRecords(): string[] {
    return [...this.view.hosts.flatMap((host) => this.#untruthsOf(host)), ...this.untrueReleases()]
  }

  *#claimsOf({ state }: HostRecord): Generator<[claim: string, isHeld: boolean]> {
    if (state.status === 'running') return
    const { traffic = 'untouched' } = state
    if (state.status === 'succeeded' || traffic === 'restored') yield ['restored', false]
    if (traffic === 'drained') yield ['drained', true]
    if (state.status === 'pending' && traffic === 'untouched') yield ['pending', false]
  }

  #untruthsOf(host: HostRecord): string[] {
    const { name } = host.target
    const { id } = this.view.deployment
    // What another deployment has done to it since is not this one's to tell.
    if ((this.#fleet.lastWalks.get(name) ?? id) !== id) return []
    const servers = this.#fleet.show(this.#fleet.serversOf(name))
    const untruths: string[] = []
    for (const [claim, isHeld] of this.#claimsOf(host))
      if (servers.some((server) => isHeldOut(server) !== isHeld || (!isHeld && server.weight !== 100)))
        untruths.push(`${name} is ${claim} by its record, and ${JSON.stringify(servers)} by its boxes`)
    if (host.state.status === 'running') untruths.push(`${name} is still running`)
    const { running, fellBackAtMs = 0 } = this.#fleet.machines.get(name)!
    const isLater = 'endedAt' in host.state && fellBackAtMs > Date.parse(host.state.endedAt)
    if (host.state.status === 'succeeded' && running !== this.#spec.version && !isLater)
      untruths.push(`${name} succeeded, and does not run ${this.#spec.version}`)
    if (host.state.status === 'rolled-back' && running === this.#spec.version)
      untruths.push(`${name} was rolled back, and runs ${this.#spec.version}`)
    return untruths
  }

  async #runCoordinator(generation: number): Promise<'ended'> {
    const mayAct = () => this.#act(generation)
    const notices = { catchUp: () => this.#tell(mayAct) }
    // As the real one does when a job is taken up whose worker died right after the end.
    if (isEnded(this.view.deployment)) {
      await notices.catchUp()
      return 'ended'
    }
    const claim = await this.#record.claimDeployment(mayAct)
    this.#record.confirm = () => {
      if (this.isReplicated) return
      throw new VesemirError('REDIS_NOT_REPLICATED', '0 of 1 replicas of Redis have a write after 5000 ms')
    }
    const hostJobs = {
      start: async (_: string, { host, after }: WalkToStart) => {
        await mayAct()
        // As the worker refuses it.
        if (after >= lastWalkOf(this.host(host))) this.#startJob(host, generation)
      },
      isAlive: async (_: string, host: string) => this.#jobs.has(host),
    }
    const { inventory, loadBalancer, changesets } = this.#fleet
    const place = this.#shared.subjectOf(this.#spec)
    const { records } = this.#shared.owners
    await runRollout(
      claim,
      {
        inventory,
        loadBalancer,
        changesets,
        hostHistory: place.hostHistory,
        deployments: {
          readCurrent: async () => place.current && records.get(place.current.id)?.view.deployment,
          read: async (id) => records.get(id)?.view.deployment,
          readView: async (id) => records.get(id)?.view,
        },
        hostJobs,
        notices,
        secrets: this.#shared.secrets,
        recipients: new Set(),
        remoteShell: this.#shellForTasks(mayAct),
        tasks: {
          check: () => {},
          run: async (_, { env, signal }) => this.#runTask(env, { mayAct, signal }),
          call: async () => 'answered 200',
        },
        rules: this.rules,
        clock: this.#nextClock(),
        onBug,
      },
      new AbortController().signal,
    )
    return 'ended'
  }

  #shellForTasks(mayAct: () => Promise<void>): RemoteShell {
    return {
      connect: async (target, signal) => {
        const session = await this.#fleet.remoteShell.connect(target, signal)
        return claimWith(session, {
          run: async (_, { env = {}, secretEnv, signal }) => {
            await this.#runTask({ ...env, ...secretEnv }, { mayAct, signal, on: target.name })
            return { stdout: '' }
          },
        })
      },
    }
  }

  async #runTask(
    env: Readonly<Record<string, string>>,
    { mayAct, signal, on }: { mayAct: () => Promise<void>; signal: AbortSignal | undefined; on?: string },
  ): Promise<void> {
    await mayAct()
    const task = env['VESEMIR_TASK']!
    const run = { task, env, isDone: false, ...(on === undefined ? {} : { on }) }
    this.taskRuns.push(run)
    await this.#clock.sleep(this.taskMs, signal)
    await mayAct()
    if (this.failingTasks.has(task)) throw new VesemirError('COMMAND_FAILED', `${task} exited with 1`)
    run.isDone = true
  }

  /** Tells of one event after another, and may die between any two things that this takes. */
  async #tell(mayAct: () => Promise<void>): Promise<void> {
    const { deployment } = this.view
    if (deployment.spec.notifications.length === 0) return
    for (const event of this.events.slice(this.#told)) {
      for (const notice of noticesOf(deployment, [event])) {
        await mayAct()
        this.notices.push(notice)
      }
      if (noticesOf(deployment, [event]).length > 0) await mayAct()
      this.#told = Math.max(this.#told, event.seq)
    }
  }

  /** A coordinator that dies just then starts a job that is dead as well. */
  #startJob(host: string, generation = this.#generation): void {
    if (this.#jobs.has(host)) return
    this.#jobs.set(host, this.#runHostJob(host, generation))
  }

  async #runHostJob(host: string, generation: number): Promise<void> {
    const { loadBalancer, changesets, serviceManagers, remoteShell } = this.#fleet
    const clock = this.#nextClock()
    const status = this.host(host).state.status
    if (status !== 'pending' && status !== 'running') return
    const mayAct = () => this.#act(generation)
    const claim = await this.#record.claimHost(host, mayAct)
    const locks = this.#shared.locks.for(mayAct)
    const ports = {
      loadBalancer,
      changesets,
      secrets: this.#shared.secrets,
      serviceManagers,
      remoteShell,
      clock,
      locks,
      journal: this.#shared.journal,
      owners: this.#shared.owners,
      marks: this.#shared.marks.open,
      deployments: { read: async () => undefined, readHost: async () => undefined, readView: async () => this.view },
      epoch: { id: 'a1', learn: async () => {} },
      onBug,
      rules: this.rules,
      onLull: () => {},
    }
    await runHost(claim, ports, new AbortController().signal).catch((error: unknown) => {
      if (!isVesemirError(error, 'FENCE_LOST')) throw error
    })
    this.#jobs.delete(host)
  }

  #nextClock(): Clock {
    const aheadMs = this.clocksAheadMs[this.#attempts % this.clocksAheadMs.length]
    this.#attempts += 1
    return this.#clock.ahead(aheadMs ?? 0)
  }

  /** Counts an action. A worker that is dead does nothing more: its promise never settles. */
  async #act(generation: number): Promise<void> {
    if (generation === this.#generation) {
      this.#done += 1
      if (this.#expiriesAt[0] === this.#done) {
        this.#expiriesAt.shift()
        this.#shared.locks.expire()
      }
      if (this.#actsAt[0]?.at === this.#done) this.#actsAt.shift()!.act()
      if (this.#commandsAt[0]?.at === this.#done) {
        const { command, by } = this.#commandsAt.shift()!
        this.#record.command(command, by)
      }
      if (this.#crashesAt[0] !== this.#done) return
      this.#crashesAt.shift()
      this.#generation += 1
      this.crashes += 1
      this.#crashed.resolve('crashed')
    }
    await new Promise(() => {})
  }
}
