import { isCancelledNow, isOver, VesemirError } from '@vesemir/core'
import { fields } from './keys.ts'
import type { Identity } from './seal-contexts.ts'
import { openCommands, type Store } from './store.ts'

/** Looks by itself after this time: an announcement that is missed costs a delay. */
const checkIntervalMs = 10_000

interface Watched {
  deployment: Identity
  /** How many of its commands are carried out. */
  followed: number
}

/** Aborts its signal when the deployment is told to stop at once. Dispose of it to look no more. */
export function watchForCancel(store: Store, watched: Watched): AsyncDisposable & { signal: AbortSignal } {
  const cancelled = new AbortController()
  const over = new AbortController()
  const watching = watch(store, { ...watched, cancelled, signal: over.signal }).catch(() => {})
  return {
    signal: cancelled.signal,
    async [Symbol.asyncDispose]() {
      over.abort(isOver)
      await watching
    },
  }
}

async function watch(
  store: Store,
  { deployment, followed, cancelled, signal }: Watched & { cancelled: AbortController; signal: AbortSignal },
): Promise<void> {
  const { redis, keys, urgent } = store
  const { id } = deployment
  using news = await urgent.listen(keys.commands(id))
  for (;;) {
    const { heard } = news
    const given = await redis.hget(keys.record(id), fields.commands)
    const commands = openCommands(store, deployment, { commands: given, followed })
    if (isCancelledNow({ commands }))
      return cancelled.abort(new VesemirError('CANCELLED', `the deployment was cancelled by ${commands.at(-1)!.by}`))
    await news.after(heard, { timeoutMs: checkIntervalMs, signal })
  }
}
