import { RecipientName } from '@vesemir/contract'
import { z } from 'zod'
import { createFetch } from '../http/create-fetch.ts'
import { github } from './github/github.ts'
import { gitlab } from './gitlab/gitlab.ts'
import type { Recipient, RecipientDeps } from './recipient.ts'
import { slack } from './slack/slack.ts'
import { webhook } from './webhook/webhook.ts'

/** Every kind of recipient there is, one line each. */
const kinds = { webhook, slack, github, gitlab }

const RecipientOptions = z.discriminatedUnion('kind', [
  kinds.webhook.options,
  kinds.slack.options,
  kinds.github.options,
  kinds.gitlab.options,
])
type RecipientOptions = z.infer<typeof RecipientOptions>

/** A cluster's settings of who may be told of deployments, by the name that applications use. */
export const RecipientsOptions = z.record(RecipientName, RecipientOptions)
export type RecipientsOptions = z.infer<typeof RecipientsOptions>

/** Those who may be told, by name. */
export type Recipients = ReadonlyMap<string, Recipient>

/**
 * Creates the recipients that the settings name. Nothing is sent yet.
 * @throws {VesemirError} `CONFIG_INVALID` when a secret is missing, or is not what it should be
 */
export function createRecipients(options: RecipientsOptions, bare: Omit<RecipientDeps, 'name' | 'fetch'>): Recipients {
  const deps = { ...bare, fetch: createFetch(bare) }
  return new Map(Object.entries(options).map(([name, recipient]) => [name, create(recipient, { ...deps, name })]))
}

function create(options: RecipientOptions, deps: RecipientDeps): Recipient {
  const kind: { create(options: RecipientOptions, deps: RecipientDeps): Recipient } = kinds[options.kind]
  return kind.create(options, deps)
}

export type { Recipient }
