import type { QueueWorker } from '@vesemir/store/queue'

/** What takes jobs from the queues, which can be stopped while the process runs, and started again. */
export interface JobTakers extends AsyncDisposable {
  /** Settles when jobs are being taken. */
  ready(): Promise<unknown>
  readonly takesJobs: boolean
  /** Starts or stops taking jobs; jobs in progress then return to the queue. Does nothing where that is so already. */
  set(takesJobs: boolean): Promise<void>
}

/** Starts taking jobs at once. */
export function createJobTakers(start: () => QueueWorker[]): JobTakers {
  let workers = start()
  let changing = Promise.resolve()
  let takesJobs = true
  let isClosed = false
  const stop = async () => {
    await Promise.allSettled(workers.map((each) => each[Symbol.asyncDispose]()))
    workers = []
  }
  return {
    ready: () => Promise.all(workers.map((each) => each.ready())),
    get takesJobs() {
      return takesJobs
    },
    async set(wanted) {
      if (wanted === takesJobs || isClosed) return changing
      takesJobs = wanted
      // Until it has stopped, jobs in progress are its own: starting in between would take the same jobs twice.
      changing = changing.then(async () => {
        if (wanted) workers = start()
        else await stop()
      })
      return changing
    },
    async [Symbol.asyncDispose]() {
      isClosed = true
      await changing
      await stop()
    },
  }
}
