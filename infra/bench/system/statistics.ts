/** Gives the middle of the values; of an even number, the upper of the two in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

/** Rounds for people: three digits are enough. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
