const signals = ['SIGTERM', 'SIGINT'] as const

/** Waits for the first SIGTERM or SIGINT. From then on a signal does what it does by itself: a second one ends at once. */
export function untilSignalled(): Promise<NodeJS.Signals> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>()
  const hear = (signal: NodeJS.Signals) => {
    for (const name of signals) process.off(name, hear)
    resolve(signal)
  }
  for (const name of signals) process.on(name, hear)
  return promise
}

/** Ends the process with exit code 1 after so long, when it has not ended by itself: Redis may be away for ever. */
export function endAtTheLatest(afterMs: number): void {
  setTimeout(() => process.exit(1), afterMs).unref()
}
