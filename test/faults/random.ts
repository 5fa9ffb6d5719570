/** Numbers that a seed alone decides. */
export interface Random {
  /** A whole number from `least` to `most`, both possible. */
  between(least: number, most: number): number
  pick<Item>(items: readonly Item[]): Item
}

/** Starts a sequence of random numbers: the same seed gives the same ones. The generator is Mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1))
  return { between, pick: (items) => items[between(0, items.length - 1)]! }
}
