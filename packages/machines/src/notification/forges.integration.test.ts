import { createSystemClock } from '@vesemir/process/clock'
import { createMasker } from '@vesemir/process/masking'
import { expect, test } from 'vitest'
import { createSecrets, SecretsOptions } from '../secret/index.ts'
import { createRecipients, RecipientsOptions } from './index.ts'
import { aNotice } from './testing/a-notice.ts'
import { startForge } from './testing/start-forge.ts'

const sha = 'c0ffee'.repeat(6) + 'c0ff'
const url = 'https://vesemir.example/deployments/d-42'
const never = new AbortController().signal
const clock = createSystemClock()
const secrets = createSecrets(SecretsOptions.parse({ forge: { env: 'TOKEN', applications: ['payments'] } }), {
  env: { TOKEN: 'glpat-hush-hush' },
  clock,
  masker: createMasker(),
})

function recipientAt(address: string, options: object) {
  const settings = RecipientsOptions.parse({ forge: { url: address, token: { secret: 'forge' }, ...options } })
  return createRecipients(settings, { env: {}, secrets, clock }).get('forge')!
}

function notice(number: number, changes: object) {
  const deployment = { ...aNotice().deployment, version: '1.4.2', url }
  return aNotice({ id: `d-42~${number}`, at: new Date().toISOString(), deployment, ...changes })
}

const started = () => notice(3, { event: 'started', hosts: 2, waves: 1 })
const gated = () =>
  notice(9, { event: 'gated', gate: { kind: 'pause', afterWave: 1, until: '2026-01-01T00:00:00.000Z' } })
const ended = () => notice(17, { event: 'ended', outcome: 'succeeded', durationMs: 192_000 })

test('GitHub has the status of the commit and a deployment, each notice once', async () => {
  await using forge = await startForge('github', sha)
  const recipient = recipientAt(forge.url, { kind: 'github', repository: 'example/payments', ref: 'v{version}' })
  const late = started()

  for (const each of [started(), gated(), ended(), ended(), late]) await recipient.send(each, never)

  const base = '/repos/example/payments'
  const end = 'succeeded after 3m 12s (d-42~17)'
  expect(new Set(forge.changes.map(({ token }) => token))).toEqual(new Set(['Bearer glpat-hush-hush']))
  expect(forge.changes.map(({ path, body }) => [path.slice(base.length), body])).toEqual([
    [
      `/statuses/${sha}`,
      expect.objectContaining({ state: 'pending', context: 'vesemir/payments/production', target_url: url }),
    ],
    [
      '/deployments',
      {
        ref: sha,
        task: 'deploy:d-42',
        environment: 'production',
        auto_merge: false,
        required_contexts: [],
        description: 'vesemir/payments/production',
      },
    ],
    ['/deployments/2/statuses', expect.objectContaining({ state: 'in_progress', log_url: url })],
    [`/statuses/${sha}`, expect.objectContaining({ state: 'pending' })],
    ['/deployments/2/statuses', expect.objectContaining({ state: 'pending' })],
    [
      `/statuses/${sha}`,
      { state: 'success', context: 'vesemir/payments/production', description: end, target_url: url },
    ],
    ['/deployments/2/statuses', { state: 'success', description: end, log_url: url }],
  ])
})

test('GitLab has the status of the commit and a deployment, each notice once', async () => {
  await using forge = await startForge('gitlab', sha)
  const recipient = recipientAt(forge.url, { kind: 'gitlab', project: 'example/payments', ref: 'v{version}' })
  const late = started()

  for (const each of [started(), gated(), ended(), late]) await recipient.send(each, never)

  const base = '/api/v4/projects/example%2Fpayments'
  expect(new Set(forge.changes.map(({ token }) => token))).toEqual(new Set(['glpat-hush-hush']))
  expect(forge.changes.map(({ method, path, body }) => [`${method} ${path.slice(base.length)}`, body])).toEqual([
    [
      `POST /statuses/${sha}`,
      expect.objectContaining({ state: 'running', name: 'vesemir/payments/production', target_url: url }),
    ],
    ['POST /deployments', { environment: 'production', sha, ref: 'v1.4.2', tag: true, status: 'running' }],
    [
      `POST /statuses/${sha}`,
      {
        state: 'success',
        name: 'vesemir/payments/production',
        description: 'succeeded after 3m 12s (d-42~17)',
        target_url: url,
      },
    ],
    ['PUT /deployments/2', { status: 'success' }],
  ])
})

test.each([
  ['github', { repository: 'example/payments' }, 'GET /commits/1.4.2'],
  ['gitlab', { project: 'example/payments' }, 'GET /repository/commits/1.4.2'],
] as const)('%s that refuses is named with the request, and without the token', async (kind, options, request) => {
  await using forge = await startForge(kind, sha)
  forge.failing = 404

  const sent = recipientAt(forge.url, { kind, ...options }).send(ended(), never)

  await expect(sent).rejects.toMatchObject({
    code: 'NOTIFICATION_REFUSED',
    message: `forge returned HTTP status 404 for ${request}`,
  })
})

test('an application that may not have the token is refused before anything is sent', async () => {
  await using forge = await startForge('github', sha)
  const other = ended()
  const recipient = recipientAt(forge.url, { kind: 'github', repository: 'example/ledger' })

  const sent = recipient.send({ ...other, deployment: { ...other.deployment, application: 'ledger' } }, never)

  await expect(sent).rejects.toMatchObject({ code: 'SECRET_NOT_ALLOWED' })
  expect(forge.changes).toEqual([])
})

test.each([
  { kind: 'github', repository: 'payments' },
  { kind: 'github', repository: '../payments' },
  { kind: 'github', repository: 'example/payments', ref: 'main' },
  { kind: 'github', repository: 'example/payments', token: 'ghp_plain' },
  { kind: 'gitlab', project: '../admin' },
  { kind: 'gitlab', project: 'example/payments', url: 'https://ada:hush@gitlab.example' },
])('settings such as %j are refused', (options) => {
  const result = RecipientsOptions.safeParse({ forge: { token: { secret: 'forge' }, ...options } })

  expect(result.success).toBe(false)
})
