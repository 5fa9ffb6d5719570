/** Returns a claim that does some things otherwise, and all others as this one does. */
export function claimWith<Claim extends object>(claim: Claim, changes: Partial<Claim>): Claim {
  // Its prototype, not a copy: what a claim knows changes with its facts.
  return Object.assign(Object.create(claim) as Claim, changes)
}
