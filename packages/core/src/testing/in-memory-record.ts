import type {
  Command,
  Deployment,
  DeploymentEvent,
  DeploymentFact,
  DeploymentRef,
  DeploymentView,
  HostFact,
  RunningRelease,
  Plan,
} from '@vesemir/contract'
import { applyEvent, applyHostFact } from '../apply-event.ts'
import { admitCommand, isCancelledNow } from '../commands.ts'
import { deadlineIn } from '../deadline.ts'
import { VesemirError } from '../errors.ts'
import type { DeploymentClaim, HostEnded } from '../ports/deployment-claim.ts'
import type { HostClaim } from '../ports/host-claim.ts'
import type { HostHistory } from '../ports/host-history.ts'
import {
  compareHost,
  reportRelease,
  runningRelease,
  wantedAfter,
  type ReleaseReport,
  type WantedRelease,
} from '../release-report.ts'
import type { FakeClock } from './fake-clock.ts'

/** What the records of one application's environment share: whose turn it was last, and what runs where. */
export class InMemoryEnvironment {
  current: DeploymentRef | undefined
  readonly records: InMemoryRecord[] = []
  readonly #news = new Map<string, ReleaseReport>()

  /** What runs on each host, by what its facts said. */
  get running(): Map<string, RunningRelease> {
    return new Map(
      [...this.#news].flatMap(([host, news]) => {
        const runs = runningRelease(news)
        return runs ? [[host, runs]] : []
      }),
    )
  }

  /** What should run, by the deployments to all hosts that have succeeded. */
  wanted: WantedRelease | undefined

  readonly hostHistory: Pick<HostHistory, 'list' | 'readWanted'> = {
    list: async () =>
      [...this.#news].map(([host, news]) =>
        compareHost({ host, environment: 'production' }, { news, wanted: this.wanted }),
      ),
    readWanted: async () => ({ wanted: this.wanted, current: this.current }),
  }

  /** Notes what should run from the end of a deployment on. */
  noteEnd(deployment: Deployment): void {
    const { state, plan, spec } = deployment
    if (state.status !== 'succeeded' || !plan || spec.partial) return
    this.wanted = wantedAfter(deployment, { before: this.wanted, since: state.endedAt })
  }

  note(event: HostFact & { at: string }, { deployment, hosts }: DeploymentView): void {
    const host = hosts.find(({ target }) => target.name === event.host)!
    const news = reportRelease(event, { at: event.at, host, deployment })
    this.#news.set(event.host, { ...this.#news.get(event.host), ...news })
  }
}

/** A deployment's events and what follows from them, fenced as the real record is. */
export class InMemoryRecord {
  readonly events: DeploymentEvent[] = []
  expectedPlan: Plan | undefined
  /** Hears of each event once it is in the view. */
  onEvent: (event: DeploymentEvent) => void = () => {}
  /** How a worker's look at its claim comes to an answer. */
  answers: () => Promise<void> = async () => {}
  /** Says when replicas do not have what was appended. */
  confirm: () => void = () => {}
  view: DeploymentView
  readonly #clock: FakeClock
  readonly #place: InMemoryEnvironment
  #cancelled = new AbortController()
  readonly #fences = new Map<string, number>()
  #news = Promise.withResolvers<void>()

  constructor(
    clock: FakeClock,
    queued: Extract<DeploymentFact, { type: 'deployment.queued' }>,
    place = new InMemoryEnvironment(),
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
      if (fact.type === 'deployment.ended') this.#place.noteEnd(this.view.deployment)
    }
    const deployment = (): Deployment => this.view.deployment
    let known = this.view.cursor
    return {
      get deployment() {
        return deployment()
      },
      attempt,
      append,
      check: async () => {
        await mayAct()
        await this.answers()
        this.#checkFence('', attempt)
      },
      confirm: async () => {
        await mayAct()
        this.confirm()
      },
      log: () => undefined,
      flush: async () => {},
      end: async (fact) => {
        if (this.view.deployment.commands.some(({ seq }) => seq > known)) return false
        await append(fact)
        return true
      },
      readHosts: async () => {
        known = this.view.cursor
        return { hosts: this.view.hosts, cursor: this.view.cursor }
      },
      readSome: async (names) => this.view.hosts.filter(({ target }) => names.includes(target.name)),
      waitForChanges: async (cursor, { timeoutMs, signal }) => {
        const deadline = deadlineIn(this.#clock, timeoutMs)
        for (;;) {
          await mayAct()
          const ended = this.#endedAfter(cursor)
          const commanded = this.events.slice(cursor).some(({ type }) => type === 'deployment.commanded')
          known = this.view.cursor
          const news = { ended, commanded, cursor: Math.max(cursor, this.view.cursor) }
          if (ended.length > 0 || commanded) return news
          if (deadline.leftMs() === 0)
            return cursor > this.view.cursor ? { ...news, commanded: true, cursor: this.view.cursor } : news
          await Promise.race([this.#news.promise, this.#clock.sleep(deadline.leftMs(), signal)])
        }
      },
      readCurrent: async () => this.#place.current,
      readExpectedPlan: async () => this.expectedPlan,
      readReleases: async () =>
        new Map([...this.#place.running].map(([host, { deployment: id, version }]) => [host, { id, version }])),
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
    const view = () => this.view
    const kept = () => view().hosts.find(({ target }) => target.name === name)!
    let deferred: { fact: HostFact; at: string }[] = []
    const defer = (fact: HostFact) => void deferred.push({ fact, at: new Date(this.#clock.now()).toISOString() })
    const check = async () => {
      await mayAct()
      this.#checkFence(name, attempt)
    }
    const claimed: HostFact = { type: 'host.claimed', host: name, attempt, worker: 'w' }
    if (kept().state.status === 'pending') defer(claimed)
    else this.#append(claimed)
    return {
      get deployment() {
        return view().deployment
      },
      get host() {
        return deferred.reduce((host, { fact, at }) => applyHostFact(host, fact, at), kept())
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

  /** Tells the deployment what to do, as a person does. Returns false when it does not take the command. */
  command(command: Command, by = 'test'): boolean {
    try {
      if (admitCommand(this.view.deployment, command, { by, current: this.#place.current }) === 'known') return false
    } catch {
      return false
    }
    this.#append({ type: 'deployment.commanded', command, by })
    if (isCancelledNow(this.view.deployment)) this.#cancelled.abort(new VesemirError('CANCELLED', 'cancelled by test'))
    return true
  }

  /** Notes that another deployment has the machines from now on. */
  supersede({ id: by, version }: DeploymentRef): void {
    const { id, supersededBy } = this.view.deployment
    if (by !== id && !supersededBy) this.#append({ type: 'deployment.superseded', by, version })
  }

  /** Forgets an event and all after it, as Redis does that fails over to a replica without them. What had claimed since has lost that. */
  loseFrom(seq: number): void {
    this.events.splice(seq - 1)
    const [queued, ...kept] = this.events
    this.view = kept.reduce<DeploymentView>(applyEvent, applyEvent(undefined, queued!))
    this.#fences.clear()
    for (const event of this.events)
      if (event.type === 'deployment.claimed') this.#fences.set('', event.attempt)
      else if (event.type === 'host.claimed') this.#fences.set(event.host, event.attempt)
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

  #endedAfter(cursor: number): HostEnded[] {
    return this.events.slice(cursor).flatMap((event) => (event.type === 'host.ended' ? [event] : []))
  }
}
