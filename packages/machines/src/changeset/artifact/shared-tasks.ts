import { isOver } from '@vesemir/core'
import { orAborted } from '@vesemir/process/waiting'

interface Shared {
  promise: Promise<void>
  waiting: number
  over: AbortController
}

/** Runs a task once for all who want the same at the same time. It is given up when all of them have given up. */
export function createSharedTasks() {
  const running = new Map<string, Shared>()

  function begin(name: string, task: (signal: AbortSignal) => Promise<void>): Shared {
    const over = new AbortController()
    const promise = task(over.signal).finally(() => leave(name, shared))
    promise.catch(() => {})
    const shared: Shared = { promise, waiting: 0, over }
    running.set(name, shared)
    return shared
  }

  function leave(name: string, shared: Shared): void {
    if (running.get(name) === shared) running.delete(name)
  }

  return async (name: string, signal: AbortSignal, task: (signal: AbortSignal) => Promise<void>): Promise<void> => {
    const shared = running.get(name) ?? begin(name, task)
    shared.waiting += 1
    try {
      await orAborted(shared.promise, signal)
    } finally {
      shared.waiting -= 1
      if (shared.waiting === 0) {
        leave(name, shared)
        shared.over.abort(isOver)
      }
    }
  }
}
