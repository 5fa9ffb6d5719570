import { isCancelledNow, isOver, VesemirError } from '@vesemir/core'
import { fields } from './keys.ts'
import { readCommands, type Store } from './store.ts'

/** Looks by itself after this time: an announcement that is missed costs a delay. */
const checkIntervalMs = 10_000

/** Aborts its signal when the deployment is told to stop at once. Dispose of it to look no more. */
export function watchForCancel(store: Store, id: string): AsyncDisposable & { signal: AbortSignal } {
  const cancelled = new AbortController()
  const over = new AbortController()
  const watching = watch(store, { id, cancelled, signal: over.signal }).catch(() => {})
  return {
    signal: cancelled.signal,
    async [Symbol.asyncDispose]() {
      over.abort(isOver)
      await watching
    },
  }
}

async function watch(
  { redis, keys, urgent }: Store,
  { id, cancelled, signal }: { id: string; cancelled: AbortController; signal: AbortSignal },
): Promise<void> {
  using news = await urgent.listen(keys.commands(id))
  for (;;) {
    const { heard } = news
    const commands = readCommands(
      id,
      ...(await readFields(redis.hmget(keys.record(id), fields.commands, fields.followed))),
    )
    if (isCancelledNow({ commands }))
      return cancelled.abort(new VesemirError('CANCELLED', `the deployment was cancelled by ${commands.at(-1)!.by}`))
    await news.after(heard, { timeoutMs: checkIntervalMs, signal })
  }
}

async function readFields(reply: Promise<(string | null)[]>): Promise<[string | null, string | null]> {
  const [commands = null, followed = null] = await reply
  return [commands, followed]
}
