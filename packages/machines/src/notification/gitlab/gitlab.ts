import { SecretReference, type Notice } from '@vesemir/contract'
import { isVesemirError, reveal } from '@vesemir/core'
import { z } from 'zod'
import { callForge, type Forge } from '../call-forge.ts'
import { comesAfter, contextOf, describeState } from '../commit-state.ts'
import { fillRef, ForgeUrl, Ref } from '../forge-options.ts'
import type { Recipient, RecipientDeps } from '../recipient.ts'

const options = z.strictObject({
  kind: z.literal('gitlab'),
  url: ForgeUrl.default('https://gitlab.com').meta({ description: 'The address of GitLab.' }),
  project: z
    .string()
    .regex(/^[\w.-]*\w[\w.-]*(?:\/[\w.-]*\w[\w.-]*)*$/, {
      error: 'must be the path of a project, such as example/payments, or its number',
    })
    .meta({ description: 'Path or number of the project.', examples: ['example/payments'] }),
  token: SecretReference.meta({
    description: 'A project access token with the scope api; the application must be allowed to have it.',
  }),
  ref: Ref,
})

type Reported = Exclude<Notice, { event: 'gated' }>

const Found = z.object({ id: z.int(), sha: z.string() })

/** The commits of a project at GitLab: each has a status and a deployment for what Vesemir deploys of it. */
export const gitlab = {
  options,
  create({ url, project, token, ref }: z.infer<typeof options>, deps: RecipientDeps): Recipient {
    const { name, secrets, clock, fetch, timeoutMs } = deps
    return {
      async send(notice, signal) {
        // Of a gate GitLab has no state: the deployment runs.
        if (notice.event === 'gated') return
        const { headers } = await reveal({ headers: { token } }, { spec: notice.deployment, secrets, signal })
        const forge: Forge = {
          url: `${url.replace(/\/+$/, '')}/api/v4/projects/${encodeURIComponent(project)}`,
          headers: { 'private-token': headers.token },
          name,
          clock,
          fetch,
          timeoutMs,
          signal,
        }
        const called = fillRef(ref, notice)
        const { id: sha } = await callForge(forge, {
          method: 'GET',
          path: `/repository/commits/${encodeURIComponent(called)}`,
          answer: z.object({ id: z.string().regex(/^[0-9a-f]{40,64}$/) }),
        })
        await writeStatus(forge, { notice, sha })
        await writeDeployment(forge, { notice, sha, called })
      },
    }
  },
}

/** https://docs.gitlab.com/api/commits/#set-commit-pipeline-status */
async function writeStatus(forge: Forge, { notice, sha }: { notice: Reported; sha: string }): Promise<void> {
  const name = contextOf(notice)
  const query = new URLSearchParams({ name, order_by: 'id', sort: 'desc', per_page: '1' })
  const [last] = await callForge(forge, {
    method: 'GET',
    path: `/repository/commits/${sha}/statuses?${query.toString()}`,
    answer: z.array(z.object({ description: z.string().nullish() })),
  })
  if (comesAfter(last?.description, notice)) return
  const { url } = notice.deployment
  const link = url === undefined ? {} : { target_url: url }
  const body = { state: stateOf(notice), name, description: describeState(notice), ...link }
  await callForge(forge, { method: 'POST', path: `/statuses/${sha}`, body, answer: z.unknown() }).catch(
    (error: unknown) => {
      // "Cannot transition status": another deployment of the commit has set this state.
      if (!isVesemirError(error, 'NOTIFICATION_REFUSED') || error.details['status'] !== 400) throw error
    },
  )
}

/** https://docs.gitlab.com/api/deployments. GitLab has no field for whose it is: those of the commit since the notice's moment are. */
async function writeDeployment(
  forge: Forge,
  { notice, sha, called }: { notice: Reported; sha: string; called: string },
): Promise<void> {
  const { environment } = notice.deployment
  const status = stateOf(notice)
  const find = async (more: Record<string, string>) => {
    const query = new URLSearchParams({ environment, order_by: 'id', sort: 'desc', per_page: '20', ...more })
    const listed = await callForge(forge, {
      method: 'GET',
      path: `/deployments?${query.toString()}`,
      answer: z.array(Found),
    })
    return listed.find((known) => known.sha === sha)
  }
  const running = await find({ status: 'running' })
  if (running && status !== 'running') {
    const body = { status }
    await callForge(forge, { method: 'PUT', path: `/deployments/${running.id}`, body, answer: z.unknown() })
    return
  }
  // Updated since the notice's moment: it was written before, or a later one was.
  if (running || (await find({ order_by: 'updated_at', updated_after: notice.at }))) return
  const body = { environment, sha, ref: called, tag: called !== sha, status }
  await callForge(forge, { method: 'POST', path: '/deployments', body, answer: z.unknown() })
}

function stateOf(notice: Reported): 'running' | 'success' | 'failed' | 'canceled' {
  if (notice.event === 'started') return 'running'
  switch (notice.outcome) {
    case 'succeeded':
      return 'success'
    case 'failed':
    case 'rolled-back':
      return 'failed'
    case 'cancelled':
      return 'canceled'
  }
}
