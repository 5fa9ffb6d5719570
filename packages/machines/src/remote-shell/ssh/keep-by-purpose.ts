import type { Purpose } from '../purpose.ts'

/** What is kept for a purpose, and how many use it. */
interface Kept<Value> {
  value: Value
  users: number
  timer?: NodeJS.Timeout
}

/** A use of what is kept for a purpose. */
export interface Use<Value> extends Disposable {
  value: Value
}

/** For so long a purpose's value is kept after its last use: between two hosts of a deployment there may be a moment. */
const keptForMs = 10_000

/** Keeps one value for each purpose while somebody uses it, and ten seconds longer. */
export function keepByPurpose<Value>(create: (purpose: Purpose) => Value): (purpose: Purpose) => Use<Value> {
  const all = new Map<string, Kept<Value>>()
  return (purpose) => {
    const key = JSON.stringify(purpose)
    const kept = all.get(key) ?? { value: create(purpose), users: 0 }
    all.set(key, kept)
    kept.users += 1
    clearTimeout(kept.timer)
    return {
      value: kept.value,
      [Symbol.dispose]() {
        kept.users -= 1
        if (kept.users === 0) kept.timer = setTimeout(() => all.delete(key), keptForMs).unref()
      },
    }
  }
}
