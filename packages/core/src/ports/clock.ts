/** Time. Every wait has an upper bound and ends with the signal's reason when it is aborted. */
export interface Clock {
  /**
   * Returns the time of day in milliseconds since 1970, as all workers and the API have it: for what is recorded, shown or
   * compared with another process. It can step forward and back: what this process waits for or measures takes a stopwatch.
   */
  now(): number
  /** Starts a stopwatch, and returns what reads it: the whole milliseconds since, which no step of a clock changes. */
  startStopwatch(): () => number
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /**
   * Does something again and again until disposed of, which aborts the signal and waits for what is being done just then:
   * each time when `soon` settles, and at the latest `ms` after the time before. What fails is tried again in its turn.
   */
  every(
    ms: number,
    task: (signal: AbortSignal) => Promise<void>,
    soon: (signal: AbortSignal) => Promise<void>,
  ): AsyncDisposable
}
