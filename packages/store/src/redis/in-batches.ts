/**
 * Sends what it is given in batches, one after the other: what comes while a batch is on its way goes in the next. Who comes alone waits for
 * nothing, and of many at once each waits for at most two batches. A batch that fails does so for all of it.
 */
export function inBatches<Item, Result>(
  send: (items: readonly Item[]) => Promise<readonly Result[]>,
): (item: Item) => Promise<Result> {
  const waiting: { item: Item; result: PromiseWithResolvers<Result> }[] = []
  let isSending = false
  const sendAll = async () => {
    isSending = true
    while (waiting.length > 0) {
      const batch = waiting.splice(0, mostInBatch)
      try {
        const results = await send(batch.map(({ item }) => item))
        batch.forEach(({ result }, index) => result.resolve(results[index]!))
      } catch (error) {
        for (const { result } of batch) result.reject(error)
      }
    }
    isSending = false
  }
  return (item) => {
    const result = Promise.withResolvers<Result>()
    waiting.push({ item, result })
    if (!isSending) void sendAll()
    return result.promise
  }
}

/** Redis does nothing else while it takes one. */
const mostInBatch = 256
