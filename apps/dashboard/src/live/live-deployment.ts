import {
  ApiError,
  type Client,
  type DeploymentEvent,
  type DeploymentView,
  type EventPage,
  type RestoredNotice,
  type TrimmedNotice,
} from '@vesemir/contract'
import { applyEvent } from '@vesemir/core'
import { LogStore } from './log-store.ts'

/** What is known of a deployment at a moment. It is a new object whenever something has changed. */
export interface LiveState {
  view: DeploymentView | undefined
  connection: 'live' | 'lost'
  /** Why following has come to its end. */
  error: ApiError | undefined
  /** How many lines the log has had. */
  logEnd: number
  /** Whether all that had happened before has been read. */
  isCaughtUp: boolean
}

interface Options {
  client: Pick<Client, 'getDeployment' | 'followEvents' | 'listEvents'>
  /** Calls back soon, once: the next frame, where there are frames. */
  schedule: (callback: () => void) => void
}

/** How long the API is left alone after it was lost, and between two questions whether a deployment that has ended goes on. */
const restMs = 5000

/**
 * Follows a deployment for as long as it is watched: over lost connections, and over its end, since a retry makes it go on.
 * Its events are folded as they come, and shown by the frame.
 */
export class LiveDeployment implements Disposable {
  readonly log = new LogStore()
  readonly #id: string
  readonly #options: Options
  readonly #closing = new AbortController()
  readonly #listeners = new Set<() => void>()
  #state: LiveState = { view: undefined, connection: 'live', error: undefined, logEnd: 0, isCaughtUp: false }
  #view: DeploymentView | undefined
  #facts: DeploymentEvent[] = []
  #last = 0
  #snapshotCursor = 0
  #isScheduled = false
  #attempt = new AbortController()
  #wake: () => void = () => {}

  constructor(id: string, options: Options) {
    this.#id = id
    this.#options = options
    void this.#run()
  }

  /** What has happened, its output apart. */
  get facts(): readonly DeploymentEvent[] {
    return this.#facts
  }

  /** What is shown now. */
  readonly read = (): LiveState => this.#state

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Connects again: the network is back. */
  readonly reconnect = (): void => {
    this.#attempt.abort()
    this.#wake()
  }

  /** Asks at once whether a deployment that had ended goes on: a command was given. */
  readonly wake = (): void => {
    this.#wake()
  }

  /** Says that there is no network. */
  readonly goOffline = (): void => {
    this.#change({ connection: 'lost' })
  };

  [Symbol.dispose](): void {
    this.#closing.abort()
    this.#wake()
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      this.#attempt = new AbortController()
      const signal = AbortSignal.any([this.#attempt.signal, this.#closing.signal])
      try {
        await this.#follow(signal)
        await this.#untilResumed(signal)
      } catch (error) {
        if (signal.aborted) continue
        if (!(error instanceof ApiError)) throw error
        if (!error.isPassing) return this.#change({ error })
        this.#change({ connection: 'lost' })
        await this.#pause()
      }
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { client } = this.#options
    if (!this.#view) await this.#takeSnapshot(signal)
    const following = client.followEvents(this.#id, {
      after: this.#last,
      signal,
      patienceMs: Infinity,
      onConnection: ({ state }) => this.#change({ connection: state === 'lost' ? 'lost' : 'live' }),
    })
    if (this.#state.connection === 'lost') await this.#proveConnection(signal)
    for await (const item of following)
      if ('kind' in item && item.kind === 'restored') await this.#restore(item, signal)
      else this.#take(item)
    this.#change({ isCaughtUp: true })
  }

  /** The view at once, and its history after it: the log of a long deployment takes its time. */
  async #takeSnapshot(signal: AbortSignal): Promise<void> {
    this.#view = await this.#options.client.getDeployment(this.#id, { signal })
    this.#snapshotCursor = this.#view.cursor
    this.#change({ connection: 'live' })
  }

  async #proveConnection(signal: AbortSignal): Promise<void> {
    await this.#options.client.getDeployment(this.#id, { signal })
    this.#change({ connection: 'live' })
  }

  /** Begins again with the view that was kept. */
  async #restore(notice: RestoredNotice, signal: AbortSignal): Promise<void> {
    this.#last = notice.after
    this.#facts = this.#facts.filter(({ seq }) => seq <= notice.after)
    this.log.restore(notice)
    await this.#takeSnapshot(signal)
  }

  #take(item: DeploymentEvent | TrimmedNotice): void {
    if ('kind' in item) this.log.addGap(item)
    else {
      this.#last = item.seq
      if (item.type !== 'log.appended' && item.type !== 'task.logged') this.#facts.push(item)
      this.#view = applyEvent(this.#view, item)
      this.log.add(item, this.#view)
    }
    this.#show()
  }

  #change(change: Partial<LiveState>): void {
    this.#state = { ...this.#state, ...change }
    this.#show()
  }

  #show(): void {
    if (this.#isScheduled || this.#closing.signal.aborted) return
    this.#isScheduled = true
    this.#options.schedule(() => {
      this.#isScheduled = false
      const isCaughtUp = this.#state.isCaughtUp || this.#last >= this.#snapshotCursor
      this.#state = { ...this.#state, view: this.#view, logEnd: this.log.end, isCaughtUp }
      for (const listener of this.#listeners) listener()
    })
  }

  /** Waits until a deployment that has ended may go on: `wake` says so, or the API, which is asked for another event once a minute. */
  async #untilResumed(signal: AbortSignal): Promise<void> {
    const woken = new AbortController()
    const either = AbortSignal.any([signal, woken.signal])
    for (let unlike: EventPage | undefined; ;) {
      await this.#pause(() => woken.abort())
      if (either.aborted) return
      const options = { after: this.#last, limit: 1, signal: either, unlike }
      try {
        unlike = await this.#options.client.listEvents(this.#id, options)
      } catch (error) {
        if (woken.signal.aborted) return
        throw error
      }
      if (!unlike.ended || unlike.next !== this.#last) return
    }
  }

  async #pause(wake = () => {}): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = () => {
      wake()
      resolve()
    }
    const timer = setTimeout(resolve, restMs)
    await promise
    clearTimeout(timer)
  }
}
