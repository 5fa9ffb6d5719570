import { isOver } from './is-over.ts'

/** A task that runs beside others. Disposing of it aborts its signal, and waits for its end. */
export interface ConcurrentTask<Result> extends AsyncDisposable {
  /** Settles as the task does. Nobody has to wait for it. */
  readonly done: Promise<Result>
  /** Aborted with the signal that it was started with, and when the task fails, with its error. */
  readonly orFailed: AbortSignal
}

/** Starts a task that runs beside others until it is done, or disposed of, or the signal is aborted. */
export function runConcurrently<Result>(
  task: (signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal,
): ConcurrentTask<Result> {
  const over = new AbortController()
  const failed = new AbortController()
  const done = task(AbortSignal.any([signal, over.signal]))
  const ended = done.catch((error: unknown) => failed.abort(error))
  return {
    done,
    orFailed: AbortSignal.any([signal, failed.signal]),
    async [Symbol.asyncDispose]() {
      over.abort(isOver)
      await ended
    },
  }
}
