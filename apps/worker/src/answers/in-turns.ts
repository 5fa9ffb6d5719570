/** Machines that are tried at once. */
const triesAtOnce = 10

/** Does some work for each item, some of them at once; returns the results in the items' order. */
export async function inTurns<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  for (let start = 0; start < items.length; start += triesAtOnce)
    results.push(...(await Promise.all(items.slice(start, start + triesAtOnce).map(work))))
  return results
}
