/** Tells that something of the record has changed. It does not say what: whoever waits for something reads that again. */
export interface Changes {
  /** Listens from now on. */
  listen(): Promise<ChangeListener>
}

export interface ChangeListener extends Disposable {
  /** Note it, read, then wait for changes `after` it: nothing falls in between. */
  readonly heard: number
  /** Waits for changes that are later than `heard`, at most `timeoutMs`. Rejects with the signal's reason. */
  after(heard: number, options: { timeoutMs: number; signal?: AbortSignal | undefined }): Promise<void>
}
