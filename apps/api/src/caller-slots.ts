/** So much that costs is done for one caller at once: questions to workers, which have few slots, and looks into the archive. */
const questionsAtOnce = 2

export interface CallerSlots {
  /** Takes a slot of a caller until it is disposed of, when one is free. Rejects with the signal's reason. */
  take(caller: string, signal: AbortSignal): Promise<Disposable>
}

/** Lets a caller of this process do little at once that costs; more waits here, behind nobody else's. */
export function createCallerSlots(): CallerSlots {
  const callers = new Map<string, { taken: number; waiting: (() => void)[] }>()
  /** Hands a slot to who waits for it, or frees it. */
  const leave = (caller: string) => {
    const slots = callers.get(caller)!
    const next = slots.waiting.shift()
    if (next) return next()
    slots.taken -= 1
    if (slots.taken === 0) callers.delete(caller)
  }
  return {
    async take(caller, signal) {
      const slots = callers.get(caller) ?? { taken: 0, waiting: [] }
      callers.set(caller, slots)
      if (slots.taken < questionsAtOnce) slots.taken += 1
      else await new Promise<void>((resolve) => slots.waiting.push(resolve))
      const slot = { [Symbol.dispose]: () => leave(caller) }
      if (!signal.aborted) return slot
      slot[Symbol.dispose]()
      throw signal.reason
    },
  }
}
