import type {
  ApplicationHost,
  Command,
  Deployment,
  DeploymentEvent,
  DeploymentFact,
  DeploymentRef,
  DeploymentView,
  HostFact,
  Plan,
  ServerRef,
} from '@vesemir/contract'
import { applyEvent, applyHostFact } from '../apply-event.ts'
import { admitCommand, isCancelledNow } from '../commands.ts'
import { deadlineIn } from '../deadline.ts'
import { VesemirError } from '../errors.ts'
import type { DeferredFact, DeploymentClaim, HostClaim, HostEnd } from '../ports/claims.ts'
import type { Locks } from '../ports/locks.ts'
import type { Owner, Owners, Resource } from '../ports/owners.ts'
import type { JournalEntry, LeftServer, NotedServer, TrafficJournal } from '../ports/traffic-journal.ts'
import { hostRelease, releaseNews, type ReleaseNews } from '../release-news.ts'
import { isSameServer } from '../servers.ts'
import type { FakeClock } from './fake-clock.ts'

/** What the records of one application's environment share: whose turn it was last, and what runs where. */
export class InMemoryPlace {
  current: DeploymentRef | undefined
  readonly records: InMemoryRecord[] = []
  readonly #news = new Map<string, ReleaseNews>()

  /** What runs on each host, by what its facts said. */
  get hosts(): ApplicationHost[] {
    return [...this.#news].flatMap(
      ([host, news]) => hostRelease({ host, environment: 'production' }, news, undefined) ?? [],
    )
  }

  note(event: HostFact & { at: string }, { deployment, hosts }: DeploymentView): void {
    const host = hosts.find(({ target }) => target.name === event.host)!
    const news = releaseNews(event, { at: event.at, host, deployment })
    this.#news.set(event.host, { ...this.#news.get(event.host), ...news })
  }
}

/** A deployment's events and what follows from them, fenced as the real record is. */
export class InMemoryRecord {
  readonly events: DeploymentEvent[] = []
  expectedPlan: Plan | undefined
  /** Hears of each event once it is in the view. */
  onEvent: (event: DeploymentEvent) => void = () => {}
  view: DeploymentView
  readonly #clock: FakeClock
  readonly #place: InMemoryPlace
  #cancelled = new AbortController()
  readonly #fences = new Map<string, number>()
  #news = Promise.withResolvers<void>()

  constructor(
    clock: FakeClock,
    queued: Extract<DeploymentFact, { type: 'deployment.queued' }>,
    place = new InMemoryPlace(),
  ) {
    this.#clock = clock
    this.#place = place
    this.view = this.#append(queued)
    place.records.push(this)
  }

  /** `mayAct` is asked before each append: a dead worker's answer never comes. */
  async claimDeployment(mayAct: () => Promise<void> = async () => {}): Promise<DeploymentClaim> {
    const attempt = this.#claim('')
    this.#append({ type: 'deployment.claimed', attempt, worker: 'w' })
    const append = async (fact: DeploymentFact) => {
      await mayAct()
      this.#checkFence('', attempt)
      this.#append(fact)
      if (fact.type === 'deployment.planned' || fact.type === 'hosts.requeued') this.#place.current = this.#ref
    }
    const deployment = (): Deployment => this.view.deployment
    let known = this.view.cursor
    return {
      get deployment() {
        return deployment()
      },
      attempt,
      append,
      end: async (fact) => {
        if (this.view.deployment.commands.some(({ seq }) => seq > known)) return false
        await append(fact)
        return true
      },
      readHosts: async () => {
        known = this.view.cursor
        return { hosts: this.view.hosts, cursor: this.view.cursor }
      },
      nextNews: async (cursor, { timeoutMs, signal }) => {
        const deadline = deadlineIn(this.#clock, timeoutMs)
        for (;;) {
          await mayAct()
          const ended = this.#endedAfter(cursor)
          const commanded = this.events.slice(cursor).some(({ type }) => type === 'deployment.commanded')
          known = this.view.cursor
          if (ended.length > 0 || commanded || deadline.leftMs() === 0)
            return { ended, commanded, cursor: this.view.cursor }
          await Promise.race([this.#news.promise, this.#clock.sleep(deadline.leftMs(), signal)])
        }
      },
      readCurrent: async () => this.#place.current,
      readExpectedPlan: async () => this.expectedPlan,
      readReleases: async () =>
        new Map(this.#place.hosts.map(({ host, deployment: id, version }) => [host, { id, version }])),
      supersede: async () => {
        for (const other of this.#place.records) {
          await mayAct()
          if (this.#place.current?.id === this.#ref.id) other.supersede(this.#ref)
        }
      },
    }
  }

  async claimHost(name: string, mayAct: () => Promise<void> = async () => {}): Promise<HostClaim> {
    const attempt = this.#claim(name)
    this.#append({ type: 'host.claimed', host: name, attempt, worker: 'w' })
    const view = () => this.view
    let deferred: { fact: DeferredFact; at: string }[] = []
    const defer = (fact: DeferredFact) => void deferred.push({ fact, at: new Date(this.#clock.now()).toISOString() })
    const check = async () => {
      await mayAct()
      this.#checkFence(name, attempt)
    }
    return {
      get deployment() {
        return view().deployment
      },
      get host() {
        const kept = view().hosts.find(({ target }) => target.name === name)!
        return deferred.reduce((host, { fact, at }) => applyHostFact(host, fact, at), kept)
      },
      attempt,
      defer,
      append: async (fact) => {
        await check()
        const before = deferred
        deferred = []
        for (const { fact: earlier } of before) this.#append(earlier)
        this.#append(fact)
      },
      check,
      untilCancelled: (signal) => AbortSignal.any([signal, this.#cancelled.signal]),
      log: () => undefined,
      flush: async () => {},
      [Symbol.asyncDispose]: async () => {},
    }
  }

  /** Tells the deployment what to do, as a person does. Gives false when it does not take the command. */
  command(command: Command): boolean {
    try {
      if (admitCommand(this.view.deployment, command, this.#place.current) === 'known') return false
    } catch {
      return false
    }
    this.#append({ type: 'deployment.commanded', command, by: 'test' })
    if (isCancelledNow(this.view.deployment)) this.#cancelled.abort(new VesemirError('CANCELLED', 'cancelled by test'))
    return true
  }

  /** Notes that another deployment has the machines in hand from now on. */
  supersede({ id: by, version }: DeploymentRef): void {
    const { id, supersededBy } = this.view.deployment
    if (by !== id && !supersededBy) this.#append({ type: 'deployment.superseded', by, version })
  }

  get #ref(): DeploymentRef {
    const { id, spec } = this.view.deployment
    return { id, version: spec.version }
  }

  #append(fact: DeploymentFact | HostFact): DeploymentView {
    const event: DeploymentEvent = {
      ...fact,
      seq: this.events.length + 1,
      at: new Date(this.#clock.now()).toISOString(),
    }
    this.events.push(event)
    this.view = applyEvent(this.view, event)
    if ('host' in event) this.#place.note(event, this.view)
    if (!isCancelledNow(this.view.deployment) && this.#cancelled.signal.aborted) this.#cancelled = new AbortController()
    this.#news.resolve()
    this.#news = Promise.withResolvers()
    queueMicrotask(() => this.onEvent(event))
    return this.view
  }

  #claim(scope: string): number {
    const attempt = (this.#fences.get(scope) ?? 0) + 1
    this.#fences.set(scope, attempt)
    return attempt
  }

  #checkFence(scope: string, attempt: number): void {
    if (this.#fences.get(scope) !== attempt) throw new VesemirError('FENCE_LOST', 'a later attempt has claimed it')
  }

  #endedAfter(cursor: number): { host: string; outcome: HostEnd }[] {
    return this.events
      .slice(cursor)
      .flatMap((event) => (event.type === 'host.ended' ? [{ host: event.host, outcome: event.outcome }] : []))
  }
}

/** Locks that a whole set of workers shares. */
export class InMemoryLocks {
  readonly #holders = new Map<string, PromiseWithResolvers<void>>()

  get held(): number {
    return this.#holders.size
  }

  /** The locks as one worker has them; `mayAct` is asked before one is taken or confirmed: the dead do neither. */
  for(mayAct: () => Promise<void>): Locks {
    return {
      hold: async (names, _, task) => {
        for (;;) {
          const holder = await this.#take(names, mayAct)
          const loss = new VesemirError('LOCK_LOST', 'its locks ran out')
          const confirm = async () => {
            await mayAct()
            if (!this.#isHeldBy(holder, names)) throw loss
            return new AbortController().signal
          }
          try {
            return await task({ confirm })
          } catch (error) {
            if (error !== loss) throw error
          } finally {
            this.#free(holder)
          }
        }
      },
    }
  }

  /** Lets every lock run out, as Redis does with those of the dead, and of all when nobody could renew them. */
  expire(): void {
    for (const holder of this.#holders.values()) this.#free(holder)
  }

  async #take(names: readonly string[], mayAct: () => Promise<void>): Promise<PromiseWithResolvers<void>> {
    for (;;) {
      await mayAct()
      const busy = names.map((name) => this.#holders.get(name)).find((holder) => holder !== undefined)
      if (!busy) break
      await busy.promise
    }
    const holder = Promise.withResolvers<void>()
    for (const name of names) this.#holders.set(name, holder)
    return holder
  }

  #isHeldBy(holder: PromiseWithResolvers<void>, names: readonly string[]): boolean {
    return names.every((name) => this.#holders.get(name) === holder)
  }

  #free(holder: PromiseWithResolvers<void>): void {
    for (const [name, other] of this.#holders) if (other === holder) this.#holders.delete(name)
    holder.resolve()
  }
}

/** Owners by the records of some deployments. */
export class InMemoryOwners implements Owners {
  readonly records = new Map<string, InMemoryRecord>()
  readonly #owners = new Map<string, Owner>()

  /** How many resources somebody owns who still walks. */
  get held(): number {
    return [...this.#owners.values()].filter((owner) => !this.#isStale(owner)).length
  }

  async take(resources: readonly Resource[], owner: Owner): Promise<Owner | undefined> {
    const other = resources.map((resource) => this.#ownerOf(resource)).find((found) => found && found.id !== owner.id)
    if (other) return other
    for (const resource of resources) this.#owners.set(keyOf(resource), owner)
    return undefined
  }

  async free(resources: readonly Resource[], ownerId: string): Promise<void> {
    for (const resource of resources) if (this.#ownerOf(resource)?.id === ownerId) this.#owners.delete(keyOf(resource))
  }

  async find(resources: readonly Resource[]): Promise<(Owner | undefined)[]> {
    return resources.map((resource) => this.#ownerOf(resource))
  }

  async listOthers(scopes: readonly string[], deploymentId: string): Promise<Owner[][]> {
    return scopes.map((scope) =>
      [...this.#owners].flatMap(([key, owner]) =>
        key.startsWith(`${scope} `) && owner.walk?.deploymentId !== deploymentId && !this.#isStale(owner)
          ? [owner]
          : [],
      ),
    )
  }

  #ownerOf(resource: Resource): Owner | undefined {
    const owner = this.#owners.get(keyOf(resource))
    return owner && this.#isStale(owner) ? undefined : owner
  }

  #isStale({ walk }: Owner): boolean {
    if (!walk) return false
    const host = this.records.get(walk.deploymentId)?.view.hosts.find(({ target }) => target.name === walk.host)
    return host?.state.status !== 'running'
  }
}

function keyOf({ scope, name }: Resource): string {
  return `${scope} ${name}`
}

/** A journal of one process. */
export class InMemoryJournal implements TrafficJournal {
  entries: JournalEntry[] = []
  left: LeftServer[] = []

  async note(servers: readonly NotedServer[], by: { deploymentId: string; host: string }): Promise<void> {
    await this.clear(servers.map(({ server }) => server))
    this.entries.push(...servers.map((noted) => ({ ...noted, ...by, notedAt: '2026-01-01T00:00:00Z' })))
  }

  async list(): Promise<JournalEntry[]> {
    return [...this.entries]
  }

  async find(servers: readonly ServerRef[]): Promise<JournalEntry[]> {
    return this.entries.filter((entry) => isAmong(servers, entry.server))
  }

  async clear(servers: readonly ServerRef[]): Promise<void> {
    this.entries = this.entries.filter((entry) => !isAmong(servers, entry.server))
    await this.release(servers)
  }

  async cede(servers: readonly ServerRef[]): Promise<void> {
    this.entries = this.entries.map((entry) =>
      isAmong(servers, entry.server) ? { ...entry, isHeldByPerson: true } : entry,
    )
  }

  async release(servers: readonly ServerRef[]): Promise<void> {
    this.left = this.left.filter((left) => !isAmong(servers, left.server))
  }

  async leave(servers: readonly ServerRef[], by: { deploymentId: string; host: string }): Promise<void> {
    this.left.push(
      ...servers.map(({ box, backend, server, endpoint }) => ({
        server: { box, backend, server, ...(endpoint ? { endpoint } : {}) },
        ...by,
      })),
    )
  }

  async listLeft(): Promise<LeftServer[]> {
    return [...this.left]
  }

  async noteHeld({ server }: LeftServer, { process, again }: { process: string; again: boolean }): Promise<void> {
    const heldAgainAt = again ? { heldAgainAt: '2026-01-01T00:00:01Z' } : {}
    this.left = this.left.map((left) =>
      isSameServer(left.server, server) ? { ...left, heldIn: process, ...heldAgainAt } : left,
    )
  }
}

function isAmong(servers: readonly ServerRef[], server: ServerRef): boolean {
  return servers.some((other) => isSameServer(other, server))
}
