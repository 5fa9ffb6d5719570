/** Returns the id of the deployment with a number. */
export function idOf(number: number): string {
  return `d-${number}`
}

/** Returns the number in a deployment's id. */
export function numberOf(id: string): number {
  return Number(id.slice('d-'.length))
}
