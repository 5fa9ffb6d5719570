import { Headers } from '@vesemir/contract'
import { reveal } from '@vesemir/core'
import { z } from 'zod'
import { post } from '../post.ts'
import type { Recipient, RecipientDeps } from '../recipient.ts'
import { isAddress, readSecret, Variable } from '../secrets.ts'
import { sign } from './sign.ts'

const options = z.strictObject({
  kind: z.literal('webhook'),
  url: z
    .string()
    .refine(isAddress, { error: 'must be an http: or https: URL without a user name or password' })
    .meta({ description: 'The address to post to.', examples: ['https://hooks.example/vesemir'] }),
  secretEnv: Variable.meta({
    description: 'Environment variable of the worker with the secret that signs bodies.',
    examples: ['WEBHOOK_SECRET'],
  }),
  headers: Headers.default({}).meta({
    description:
      'Sent too, such as Authorization: {secret: NAME}; the application of the notice must be allowed to have it.',
  }),
})

const fewestCharacters = 16

/** An address that gets each notice as signed JSON. */
export const webhook = {
  options,
  create(
    { url, secretEnv, headers: own }: z.infer<typeof options>,
    { name, env, secrets, clock, fetch, timeoutMs }: RecipientDeps,
  ): Recipient {
    const wanted = `a secret of at least ${fewestCharacters} characters`
    const secret = readSecret(secretEnv, { name, env, wanted, isGood: ({ length }) => length >= fewestCharacters })
    return {
      async send(notice, signal) {
        const body = JSON.stringify(notice)
        // Signed again at each try: one that comes hours later is as fresh as the first.
        const revealed = await reveal(own, { spec: notice.deployment, secrets, signal })
        const headers = { ...revealed, 'vesemir-signature': sign(body, { secret, nowMs: clock.now() }) }
        return post(url, { name, body, headers, fetch, timeoutMs, clock, signal })
      },
    }
  },
}
