import type { DeploymentSpec } from '@vesemir/contract'

/** Whose a secret is to be: an application's, in an environment. */
export type SecretPlace = Pick<DeploymentSpec, 'application' | 'environment'>

/** Secrets by the names that definitions have for them. Only workers know their values. */
export interface Secrets {
  /**
   * Reads secrets as they are now, for an application that may have all of them. From then on they are masked in all that the
   * process writes.
   * @throws {VesemirError} `SECRET_MISSING`, `SECRET_NOT_ALLOWED`, `SECRET_INVALID`, `SECRET_UNAVAILABLE`
   */
  read(
    names: readonly string[],
    place: SecretPlace,
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<string, string>>
}
