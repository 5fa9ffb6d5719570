import type { Secrets } from '../ports/secrets.ts'

/** The secrets of a worker whose settings have none. */
export const noSecrets: Secrets = { read: async () => new Map() }
