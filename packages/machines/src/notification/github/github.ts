import { SecretReference, type Notice } from '@vesemir/contract'
import { reveal } from '@vesemir/core'
import { z } from 'zod'
import { callForge, type Forge } from '../call-forge.ts'
import { comesAfter, contextOf, describeState } from '../commit-state.ts'
import { fillRef, ForgeUrl, Ref } from '../forge-options.ts'
import type { Recipient, RecipientDeps } from '../recipient.ts'

const options = z.strictObject({
  kind: z.literal('github'),
  url: ForgeUrl.default('https://api.github.com').meta({
    description: 'The address of the API; for GitHub Enterprise Server with /api/v3 at the end.',
    examples: ['https://github.example/api/v3'],
  }),
  repository: z
    .string()
    .regex(/^[\w.-]*\w[\w.-]*\/[\w.-]*\w[\w.-]*$/, {
      error: 'must be the owner and the name of a repository, such as example/payments',
    })
    .meta({ description: 'Owner and name of the repository.', examples: ['example/payments'] }),
  token: SecretReference.meta({
    description: 'A token that may write commit statuses and deployments; the application must be allowed to have it.',
  }),
  ref: Ref,
})

const Found = z.object({ id: z.int() })
const Described = z.object({ description: z.string().nullish() })

/** The commits of a repository at GitHub: each has a status and a deployment for what Vesemir deploys of it. */
export const github = {
  options,
  create({ url, repository, token, ref }: z.infer<typeof options>, deps: RecipientDeps): Recipient {
    const { name, secrets, clock, fetch, timeoutMs } = deps
    return {
      async send(notice, signal) {
        const { headers } = await reveal({ headers: { token } }, { spec: notice.deployment, secrets, signal })
        const forge: Forge = {
          url: `${url.replace(/\/+$/, '')}/repos/${repository}`,
          headers: {
            authorization: `Bearer ${headers.token}`,
            accept: 'application/vnd.github+json',
            'x-github-api-version': '2022-11-28',
          },
          name,
          clock,
          fetch,
          timeoutMs,
          signal,
        }
        const commit = encodeURIComponent(fillRef(ref, notice))
        const { sha } = await callForge(forge, {
          method: 'GET',
          path: `/commits/${commit}`,
          answer: z.object({ sha: z.string().regex(/^[0-9a-f]{40,64}$/) }),
        })
        await writeStatus(forge, { notice, sha })
        await writeDeployment(forge, { notice, sha })
      },
    }
  },
}

/** https://docs.github.com/rest/commits/statuses */
async function writeStatus(forge: Forge, { notice, sha }: { notice: Notice; sha: string }): Promise<void> {
  const context = contextOf(notice)
  const statuses = await callForge(forge, {
    method: 'GET',
    path: `/commits/${sha}/statuses?per_page=100`,
    answer: z.array(z.object({ ...Described.shape, context: z.string() })),
  })
  // The newest is the first.
  if (comesAfter(statuses.find((known) => known.context === context)?.description, notice)) return
  const { url } = notice.deployment
  const link = url === undefined ? {} : { target_url: url }
  const body = { state: states(notice).status, context, description: describeState(notice), ...link }
  await callForge(forge, { method: 'POST', path: `/statuses/${sha}`, body, answer: z.unknown() })
}

/** https://docs.github.com/rest/deployments. The task tells whose deployment it is, so that none is created twice. */
async function writeDeployment(forge: Forge, { notice, sha }: { notice: Notice; sha: string }): Promise<void> {
  const { id, environment, url } = notice.deployment
  const task = `deploy:${id}`
  const query = new URLSearchParams({ sha, task, environment, per_page: '1' })
  const [known] = await callForge(forge, {
    method: 'GET',
    path: `/deployments?${query.toString()}`,
    answer: z.array(Found),
  })
  const fresh = {
    ref: sha,
    task,
    environment,
    auto_merge: false,
    required_contexts: [],
    description: contextOf(notice),
  }
  const deployment =
    known ?? (await callForge(forge, { method: 'POST', path: '/deployments', body: fresh, answer: Found }))
  const path = `/deployments/${deployment.id}/statuses`
  const [last] = await callForge(forge, { method: 'GET', path: `${path}?per_page=1`, answer: z.array(Described) })
  if (comesAfter(last?.description, notice)) return
  const link = url === undefined ? {} : { log_url: url }
  const body = { state: states(notice).deployment, description: describeState(notice), ...link }
  await callForge(forge, { method: 'POST', path, body, answer: z.unknown() })
}

interface States {
  status: 'pending' | 'success' | 'failure' | 'error'
  deployment: 'in_progress' | 'pending' | 'success' | 'failure' | 'error'
}

function states(notice: Notice): States {
  if (notice.event === 'started') return { status: 'pending', deployment: 'in_progress' }
  if (notice.event === 'gated') return { status: 'pending', deployment: 'pending' }
  switch (notice.outcome) {
    case 'succeeded':
      return { status: 'success', deployment: 'success' }
    case 'failed':
    case 'rolled-back':
      return { status: 'failure', deployment: 'failure' }
    case 'cancelled':
      return { status: 'error', deployment: 'error' }
  }
}
