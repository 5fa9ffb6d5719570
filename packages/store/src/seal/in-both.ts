import type { KeyPair } from './keys.ts'
import type { Checker, Prover } from './seal.ts'

const separator = '~'

/**
 * Creates and checks proofs for two readers: by the secret that workers share, which they check at a thirtieth of the cost, and by a signature, which all
 * others can check.
 */
export const inBoth = {
  prover: ({ shared, signing }: { shared: KeyPair; signing: KeyPair }): Prover => ({
    id: signing.prover.id,
    prove: (message) => `${shared.prover.prove(message)}${separator}${signing.prover.prove(message)}`,
  }),
  /** Checks what the shared secret proves. */
  shared: ({ shared, signing }: { shared: KeyPair; signing: KeyPair }): Checker => ({
    id: signing.checker.id,
    holds: (message, proof) => shared.checker.holds(message, proof.split(separator)[0]!),
  }),
  /** Checks the signature. */
  signature: (checker: Checker): Checker => ({
    id: checker.id,
    holds: (message, proof) => checker.holds(message, proof.split(separator)[1] ?? ''),
  }),
}
