/** One wish to end comes as several signals: to the process group, and once more from each program that passes it on, as npm does. */
const oneWishMs = 500

/** Waits for the first of some signals. Soon after it each does what it does by itself: a second wish ends the process at once. */
export function untilSignalled(signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT']): Promise<NodeJS.Signals> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>()
  const leave = () => {
    for (const name of signals) process.off(name, receive)
  }
  const receive = (signal: NodeJS.Signals) => {
    setTimeout(leave, oneWishMs).unref()
    resolve(signal)
  }
  for (const name of signals) process.on(name, receive)
  return promise
}

/** Ends the process with exit code 1 after so long, when it has not ended by itself: Redis may be away for ever. */
export function exitAfter(afterMs: number): void {
  setTimeout(() => process.exit(1), afterMs).unref()
}
