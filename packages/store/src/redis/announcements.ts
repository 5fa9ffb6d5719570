import { orAborted } from '@vesemir/process/waiting'
import { createSubscriber } from './create-subscriber.ts'
import type { RedisClient } from './redis-client.ts'

/** Hears what is published, over one Redis connection however many listen. */
export interface Announcements extends AsyncDisposable {
  /** Listens from now on. What is published before this resolves is not heard: read after it, not before. */
  listen(...channels: string[]): Promise<Listener>
}

export interface Listener extends Disposable {
  /**
   * Grows with each piece of news, and is the same for all who listen to the same channels. Note it, read, then wait for
   * news `after` it: nothing falls in between.
   */
  readonly heard: number
  /** Waits for news that are later than `heard`, at most `timeoutMs`. Rejects with the signal's reason. */
  after(heard: number, options: WaitOptions): Promise<void>
}

interface WaitOptions {
  timeoutMs: number
  signal?: AbortSignal | undefined
}

/**
 * Opens the connection when first needed. A message only says that there is something new, so news that follow each other
 * within `restMs` are told as one. A connection that was lost and is back counts as news for everybody.
 */
export function createAnnouncements(redis: RedisClient, { restMs = 0 }: { restMs?: number } = {}): Announcements {
  const subscriber = createSubscriber(redis)
  const topics = new Map<string, Topic>()
  let generation = 0
  const nextGeneration = () => (generation += 1)
  subscriber.on('message', (channel: string) => topics.get(channel)?.announce())
  subscriber.on('ready', () => topics.forEach((topic) => topic.announce()))
  // Each command tells its own failure; ioredis reconnects by itself.
  subscriber.on('error', () => {})

  const topicOf = (channel: string) => {
    const topic = topics.get(channel) ?? new Topic(nextGeneration, restMs)
    topics.set(channel, topic)
    return topic
  }
  const leave = (channel: string, subscription: Subscription) => {
    const topic = topics.get(channel)
    topic?.subscriptions.delete(subscription)
    if (!topic || topic.subscriptions.size > 0) return
    topic.close()
    topics.delete(channel)
    // Where this fails, the connection is gone and the subscription with it.
    subscriber.unsubscribe(channel).catch(() => {})
  }
  return {
    async listen(...channels) {
      const subscription = new Subscription(channels.map(topicOf), () =>
        channels.forEach((channel) => leave(channel, subscription)),
      )
      try {
        await subscriber.subscribe(...channels)
        return subscription
      } catch (error) {
        subscription[Symbol.dispose]()
        throw error
      }
    },
    async [Symbol.asyncDispose]() {
      for (const topic of topics.values()) topic.close()
      subscriber.disconnect()
    },
  }
}

/** One who listens. */
class Subscription implements Listener {
  readonly #topics: readonly Topic[]
  readonly #leave: () => void
  #wake: (() => void) | undefined

  constructor(topics: readonly Topic[], leave: () => void) {
    this.#topics = topics
    this.#leave = leave
    for (const topic of topics) topic.subscriptions.add(this)
  }

  get heard(): number {
    return Math.max(...this.#topics.map((topic) => topic.generation))
  }

  notify(): void {
    this.#wake?.()
  }

  async after(heard: number, { timeoutMs, signal }: WaitOptions): Promise<void> {
    signal?.throwIfAborted()
    if (this.heard !== heard) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    const timer = setTimeout(resolve, timeoutMs)
    try {
      await orAborted(promise, signal)
    } finally {
      clearTimeout(timer)
    }
  }

  [Symbol.dispose](): void {
    this.#leave()
  }
}

/** One channel, and who listens to it. */
class Topic {
  readonly subscriptions = new Set<Subscription>()
  generation: number
  readonly #nextGeneration: () => number
  readonly #restMs: number
  #rest: NodeJS.Timeout | undefined
  #isNewsWaiting = false

  constructor(nextGeneration: () => number, restMs: number) {
    this.#nextGeneration = nextGeneration
    this.#restMs = restMs
    this.generation = nextGeneration()
  }

  announce(): void {
    this.#isNewsWaiting = true
    if (!this.#rest) this.#tell()
  }

  close(): void {
    clearTimeout(this.#rest)
  }

  #tell(): void {
    this.#rest = undefined
    if (!this.#isNewsWaiting) return
    this.#isNewsWaiting = false
    this.generation = this.#nextGeneration()
    for (const subscription of this.subscriptions) subscription.notify()
    if (this.#restMs > 0) this.#rest = setTimeout(() => this.#tell(), this.#restMs)
  }
}
