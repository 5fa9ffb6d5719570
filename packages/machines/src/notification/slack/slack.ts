import { z } from 'zod'
import { post } from '../post.ts'
import type { Recipient, RecipientDeps } from '../recipient.ts'
import { isAddress, readSecret, Variable } from '../secrets.ts'
import { toMessage } from './message.ts'

const options = z.strictObject({
  kind: z.literal('slack'),
  urlEnv: Variable.meta({
    description: 'Environment variable of the worker with the address, which is a secret.',
    examples: ['SLACK_URL'],
  }),
})

/** A channel of Slack, or of what takes Slack's incoming webhooks (Mattermost, Rocket.Chat, Discord with `/slack`). */
export const slack = {
  options,
  create({ urlEnv }: z.infer<typeof options>, { name, env, clock, fetch, timeoutMs }: RecipientDeps): Recipient {
    const wanted = 'an http: or https: URL without a user name or password'
    const url = readSecret(urlEnv, { name, env, wanted, isGood: isAddress })
    return {
      send: (notice, signal) =>
        post(url, { name, body: JSON.stringify({ text: toMessage(notice) }), fetch, timeoutMs, clock, signal }),
    }
  },
}
