/** Waits for the first of some signals. From then on each does what it does by itself: a second one ends the process at once. */
export function untilSignalled(signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT']): Promise<NodeJS.Signals> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>()
  const receive = (signal: NodeJS.Signals) => {
    for (const name of signals) process.off(name, receive)
    resolve(signal)
  }
  for (const name of signals) process.on(name, receive)
  return promise
}

/** Ends the process with exit code 1 after so long, when it has not ended by itself: Redis may be away for ever. */
export function exitAfter(afterMs: number): void {
  setTimeout(() => process.exit(1), afterMs).unref()
}
