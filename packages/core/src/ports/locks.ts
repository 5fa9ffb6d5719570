/** Mutual exclusion between workers. A lock whose holder died falls free by itself. */
export interface Locks {
  /**
   * Runs `task` while holding every one of the locks; waits for them at most `waitMs`, in sorted order. A task whose lease is
   * lost before it has acted is run again, from its first look on, with the locks taken again.
   * @throws {VesemirError} `LOCK_HELD` when the locks do not come free in time, `LOCK_LOST` when they were lost until then
   */
  hold<Result>(
    names: readonly string[],
    options: { waitMs: number; signal?: AbortSignal | undefined },
    task: (lease: Lease) => Promise<Result>,
  ): Promise<Result>
}

/** The locks that a task holds, for as long as they are renewed. */
export interface Lease {
  /**
   * Renews the locks: called right before each act that relies on them. Returns a signal that is aborted well before they
   * could run out, which bounds the act.
   * @throws {VesemirError} `LOCK_LOST` when one of them has run out, which `hold` answers
   */
  confirm(): Promise<AbortSignal>
}
