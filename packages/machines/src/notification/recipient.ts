import type { Notice } from '@vesemir/contract'
import type { Clock, Secrets } from '@vesemir/core'
import type { Fetch } from '../http/create-fetch.ts'

/** Someone who is told of deployments. */
export interface Recipient {
  /**
   * Sends a notice once.
   * @throws {VesemirError} `NOTIFICATION_FAILED` when trying again may help, `NOTIFICATION_REFUSED` when it cannot; as
   * `Secrets.read`
   */
  send(notice: Notice, signal: AbortSignal): Promise<void>
}

/** What a recipient is made with. */
export interface RecipientDeps {
  /** What the settings call it. */
  name: string
  clock: Clock
  /** Where secrets are, by the names that the settings give. */
  env: Readonly<Record<string, string | undefined>>
  /** For those that headers refer to. */
  secrets: Secrets
  fetch: Fetch
  /** How long one try may take; 10,000. */
  timeoutMs?: number | undefined
}
