import type { ApplicationEnvironment } from './application-environment.ts'

/** Secrets by the names that definitions have for them. Only workers know their values. */
export interface Secrets {
  /**
   * Reads secrets as they are now, for an application that may have all of them. From then on they are masked in all that the
   * process writes.
   * @throws {VesemirError} `SECRET_MISSING`, `SECRET_NOT_ALLOWED`, `SECRET_INVALID`, `SECRET_UNAVAILABLE`
   */
  read(
    names: readonly string[],
    place: ApplicationEnvironment,
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<string, string>>
  /**
   * Returns what tells whether a variable has the same value another time, and nothing else about it. Absent where workers share no key
   * for that.
   */
  digest?: ((value: string, of: ApplicationEnvironment & { variable: string }) => string) | undefined
}
