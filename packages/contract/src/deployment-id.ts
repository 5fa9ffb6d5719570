/** How a deployment's id is written. */
export const deploymentIdPattern = /^d-[1-9]\d{0,14}$/

/** Says that something is no deployment's id. */
export function describeInvalidId(input: unknown): string {
  return `${JSON.stringify(input)} is not a deployment's id, such as "d-42"`
}
