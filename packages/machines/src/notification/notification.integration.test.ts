import { createHmac, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { Notice } from '@vesemir/contract'
import { isVesemirError } from '@vesemir/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSystemClock } from '@vesemir/process/clock'
import { testSeals } from '@vesemir/store/seal/testing'
import { createMasker } from '@vesemir/process/masking'
import { createNoticeWorker, createQueues } from '@vesemir/store/queue'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { startServer } from '@vesemir/testing/start-server'
import { createSecrets, SecretsOptions } from '../secret/index.ts'
import { createRecipients, RecipientsOptions, type Recipients } from './index.ts'
import { aNotice } from './testing/a-notice.ts'
import { startReceiver, type Receiver } from '@vesemir/testing/start-receiver'

const secret = 'a-secret-of-some-length'
const slackPath = '/services/T000/B000/hush'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis[Symbol.asyncDispose]())

const secrets = createSecrets(SecretsOptions.parse({ hook: { env: 'HOOK', applications: ['payments'] } }), {
  env: { HOOK: 'Bearer hunter2' },
  clock: createSystemClock(),
  masker: createMasker(),
})

function recipientsAt(url: string, timeoutMs?: number): Recipients {
  const options = RecipientsOptions.parse({
    ops: {
      kind: 'webhook',
      url: `${url}/hook`,
      secretEnv: 'OPS_SECRET',
      headers: { Authorization: { secret: 'hook' } },
    },
    chat: { kind: 'slack', urlEnv: 'SLACK_URL' },
  })
  const env = { OPS_SECRET: secret, SLACK_URL: `${url}${slackPath}` }
  return createRecipients(options, { env, secrets, clock: createSystemClock(), timeoutMs })
}

/** Where somebody has listened, and does no more. */
async function urlOfNobody(): Promise<string> {
  await using receiver = await startReceiver()
  return receiver.url
}

const never = new AbortController().signal

test('a webhook gets the notice as JSON, signed with the time of sending', async () => {
  await using receiver = await startReceiver()
  const notice = aNotice({ outcome: 'failed', failure: { code: 'HOSTS_FAILED', message: 'é <b>', hint: 'look' } })

  await recipientsAt(receiver.url).get('ops')!.send(notice, never)

  const [{ path, headers, body }] = receiver.received as [Receiver['received'][number]]
  expect(path).toBe('/hook')
  expect(headers['content-type']).toBe('application/json')
  expect(headers.authorization).toBe('Bearer hunter2')
  expect(Notice.parse(JSON.parse(body))).toEqual(notice)
  const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['vesemir-signature']))!
  expect(v1).toBe(createHmac('sha256', secret).update(`${t}.${body}`).digest('hex'))
  expect(Math.abs(Date.now() / 1000 - Number(t))).toBeLessThan(30)
})

test('a webhook gets no secret that the application of the notice may not have', async () => {
  await using receiver = await startReceiver()
  const notice = aNotice({ deployment: { ...aNotice().deployment, application: 'ledger' } })

  await expect(recipientsAt(receiver.url).get('ops')!.send(notice, never)).rejects.toMatchObject({
    code: 'SECRET_NOT_ALLOWED',
  })
  expect(receiver.received).toEqual([])
})

test('Slack gets a text that nobody’s input can turn into a mention', async () => {
  await using receiver = await startReceiver()
  const notice = aNotice({ deployment: { ...aNotice().deployment, reason: '<!channel> & more', bySchedule: true } })

  await recipientsAt(receiver.url).get('chat')!.send(notice, never)

  expect(receiver.received[0]!.path).toBe(slackPath)
  expect(JSON.parse(receiver.received[0]!.body)).toEqual({
    text: '*payments 1.4.2* to production · succeeded after 3m 12s\nd-42, requested by ada (by schedule): &lt;!channel&gt; &amp; more · `vesemir status d-42`',
  })
})

test.each([
  [500, 'NOTIFICATION_FAILED'],
  [503, 'NOTIFICATION_FAILED'],
  [408, 'NOTIFICATION_FAILED'],
  [429, 'NOTIFICATION_FAILED'],
  [400, 'NOTIFICATION_REFUSED'],
  [404, 'NOTIFICATION_REFUSED'],
  [410, 'NOTIFICATION_REFUSED'],
  [302, 'NOTIFICATION_REFUSED'],
  [307, 'NOTIFICATION_REFUSED'],
] as const)('an answer of %s is %s, and is asked for once', async (status, code) => {
  await using receiver = await startReceiver()
  receiver.answers = [status]

  const sending = recipientsAt(receiver.url).get('chat')!.send(aNotice(), never)

  await expect(sending).rejects.toMatchObject({ code, message: `chat returned HTTP status ${status}` })
  expect(receiver.received.map(({ path }) => path)).toEqual([slackPath])
})

test.each([
  ['seconds', () => '90', 90_000],
  ['a date', () => new Date(Date.now() + 120_000).toUTCString(), 120_000],
  ['more than anybody waits', () => '999999999', 3_600_000],
])('a recipient that asks to wait by %s is listened to', async (_, retryAfter, expectedMs) => {
  await using receiver = await startReceiver()
  Object.assign(receiver, { answers: [429], retryAfter: retryAfter() })

  const error: unknown = await recipientsAt(receiver.url)
    .get('chat')!
    .send(aNotice(), never)
    .catch((error: unknown) => error)

  expect(isVesemirError(error, 'NOTIFICATION_FAILED')).toBe(true)
  const { retryAfterMs } = (error as { details: { retryAfterMs: number } }).details
  expect(Math.abs(retryAfterMs - expectedMs)).toBeLessThan(30_000)
})

test('a notice in Slack has a link to the page where its address is known', async () => {
  await using receiver = await startReceiver()
  const url = 'https://vesemir.example/deployments/d-42'

  await recipientsAt(receiver.url)
    .get('chat')!
    .send(aNotice({ deployment: { ...aNotice().deployment, url } }), never)

  expect(receiver.received[0]!.body).toContain(`· <${url}|open it>`)
})

test('no error tells the address: of nobody there, of silence, of something else than HTTP', async () => {
  await using receiver = await startReceiver()
  receiver.answers = ['silence']
  await using other = await startServer(createServer().on('connection', (socket) => socket.end('220 mail\r\n')))
  const tried = [
    recipientsAt(await urlOfNobody()),
    recipientsAt(receiver.url, 50),
    recipientsAt(`http://127.0.0.1:${other.port}`),
    recipientsAt('http://no-such-host.invalid'),
  ]

  const errors = await Promise.all(
    tried.map(async (recipients) =>
      recipients
        .get('chat')!
        .send(aNotice(), never)
        .catch((error: unknown) => error),
    ),
  )

  for (const error of errors) {
    expect(isVesemirError(error, 'NOTIFICATION_FAILED')).toBe(true)
    const { message, stack, cause } = error as Error
    expect(`${message} ${stack} ${String(cause)}`).not.toMatch(/hush|services|http:/)
  }
  expect(errors.slice(0, 2)).toMatchObject([
    { message: 'chat could not be reached: ECONNREFUSED' },
    { message: 'chat did not answer within 0.05 s' },
  ])
})

test('a worker that stops gives up a try', async () => {
  await using receiver = await startReceiver()
  receiver.answers = ['silence']
  const stopping = new AbortController()

  const sending = recipientsAt(receiver.url).get('ops')!.send(aNotice(), stopping.signal)
  stopping.abort(new Error('this worker is closing'))

  await expect(sending).rejects.toThrow('this worker is closing')
})

test.each([
  ['a webhook without its secret', {}, 'notifications.ops: the variable OPS_SECRET is not set'],
  ['a secret that can be guessed', { OPS_SECRET: 'hush' }, 'notifications.ops: the variable OPS_SECRET does not hold'],
  ['a channel without its address', { OPS_SECRET: secret }, 'notifications.chat: the variable SLACK_URL is not set'],
  [
    'an address with a password',
    { OPS_SECRET: secret, SLACK_URL: 'https://a:hush@b' },
    'SLACK_URL does not hold an http',
  ],
  ['what is no address', { OPS_SECRET: secret, SLACK_URL: 'hush' }, 'SLACK_URL does not hold an http'],
])('%s is refused at the start, unquoted', (_, env, message) => {
  const options = RecipientsOptions.parse({
    ops: {
      kind: 'webhook',
      url: 'https://ops.example/hook',
      secretEnv: 'OPS_SECRET',
      headers: { Authorization: { secret: 'hook' } },
    },
    chat: { kind: 'slack', urlEnv: 'SLACK_URL' },
  })

  const create = () => createRecipients(options, { env, secrets, clock: createSystemClock() })

  expect(create).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  expect(create).toThrow(message)
  expect(create).not.toThrow(/hush/)
})

test.each([
  { ops: { kind: 'webhook', url: 'ftp://ops.example', secretEnv: 'X' } },
  { ops: { kind: 'webhook', url: 'https://a:b@ops.example', secretEnv: 'X' } },
  { ops: { kind: 'pager', urlEnv: 'X' } },
  { 'not a name': { kind: 'slack', urlEnv: 'X' } },
  { chat: { kind: 'slack', url: 'https://hooks.slack.com/services/x' } },
])('settings such as %j are refused', (options) => {
  expect(RecipientsOptions.safeParse(options).success).toBe(false)
})

/** The queue of notices, and a worker that sends to the receiver. */
function openQueue(receiver: Pick<Receiver, 'url'>) {
  const connection = redis.connect({ maxRetriesPerRequest: null })
  const prefix = randomUUID()
  const seals = testSeals().worker
  const queues = createQueues(connection, {
    clusters: ['eu'],
    clock: createSystemClock(),
    seals,
    prefix,
    retryNoticesMs: 1,
  })
  const queue = queues.all.find(({ name }) => name === 'notifications-eu')!
  const recipients = recipientsAt(receiver.url)
  const worker = createNoticeWorker(connection, {
    cluster: 'eu',
    prefix,
    seals,
    concurrency: 5,
    onError: () => {},
    process: ({ to, notice }, signal) => recipients.get(to)!.send(notice, signal),
  })
  return {
    queues,
    queue,
    connection,
    async [Symbol.asyncDispose]() {
      await worker[Symbol.asyncDispose]()
      await queues[Symbol.asyncDispose]()
    },
  }
}

test('a notice is sent again until it is taken, and once taken not again, however often it is added', async () => {
  await using receiver = await startReceiver()
  receiver.answers = [500, 429, 200]
  await using opened = openQueue(receiver)
  const job = { to: 'ops', notice: aNotice() }

  await opened.queues.enqueueNotice(job)
  await opened.queues.enqueueNotice(job)
  await expect.poll(() => opened.queue.getJobState('d-42~17~ops'), { timeout: 10_000 }).toBe('completed')
  await opened.queues.enqueueNotice(job)
  await opened.queues.enqueueNotice({ ...job, to: 'chat' })
  await expect.poll(() => opened.queue.getJobState('d-42~17~chat'), { timeout: 10_000 }).toBe('completed')

  expect(receiver.received.map(({ path }) => path)).toEqual(['/hook', '/hook', '/hook', slackPath])
})

test('a notice that is refused is not sent again, and stays where a person finds it', async () => {
  await using receiver = await startReceiver()
  receiver.answers = [404, 200]
  await using opened = openQueue(receiver)

  await opened.queues.enqueueNotice({ to: 'chat', notice: aNotice() })
  await expect.poll(() => opened.queue.getJobState('d-42~17~chat'), { timeout: 10_000 }).toBe('failed')

  expect(receiver.received).toHaveLength(1)
  const [failed] = await opened.queue.getFailed()
  expect(failed!.failedReason).toBe('chat returned HTTP status 404')
  await failed!.retry('failed')
  await expect.poll(() => receiver.received.length).toBe(2)
})

test('one to whom nobody listens is tried again, and nothing in Redis tells a secret', async () => {
  await using opened = openQueue({ url: await urlOfNobody() })

  await opened.queues.enqueueNotice({ to: 'chat', notice: aNotice() })
  await opened.queues.enqueueNotice({ to: 'ops', notice: aNotice() })
  const failures = async () => (await opened.queue.getFailed()).map(({ attemptsMade }) => attemptsMade)
  await expect.poll(failures, { timeout: 30_000 }).toEqual([12, 12])

  const hashes = (await opened.connection.keys('*notifications-eu:d-42*')).filter((key) => !key.endsWith(':logs'))
  const kept = JSON.stringify(await Promise.all(hashes.map((key) => opened.connection.hgetall(key))))
  expect(kept).toContain('could not be reached: ECONNREFUSED')
  expect(kept).not.toMatch(/hush|a-secret|127\.0\.0\.1/)
})
