import { createServer, type RequestListener } from 'node:http'
import { HttpTask, type LogLine, type Task } from '@vesemir/contract'
import { isVesemirError, type WorkerTasks } from '@vesemir/core'
import { createSystemClock } from '@vesemir/process/clock'
import { createMasker } from '@vesemir/process/masking'
import { startServer } from '@vesemir/testing/start-server'
import { describe, expect, test } from 'vitest'
import { callTask } from './call-task.ts'
import { createWorkerTasks } from './create-worker-tasks.ts'

const { signal } = new AbortController()
const place = { application: 'payments', environment: 'production' }
const notAllowed = 'TASK_PROGRAM_NOT_ALLOWED'
const aTask = (changes: Partial<Task>): Task => ({
  name: 'smoke',
  when: 'after',
  timeout: '1m',
  repeatable: false,
  ...changes,
})

function aWorker(allowed: string[] | undefined = ['127.0.0.0/8']) {
  const masker = createMasker()
  masker.add('hunter2!hunter2')
  const shell = (script: string) => ({ command: ['sh', '-c', script], environmentVariables: ['SMOKE_TOKEN'] })
  const programs = {
    greet: shell('echo "$VESEMIR_TASK $SMOKE_TOKEN"; echo careful >&2'),
    fail: shell('echo "no database" >&2; exit 3'),
    hang: shell('echo begun; sleep 60 & wait'),
    refund: { ...shell('true'), applications: ['payments*'], environments: ['prod*'] },
  }
  const env = { PATH: process.env['PATH'], SMOKE_TOKEN: 'planted-in-the-worker' }
  const clock = createSystemClock()
  const tasks = createWorkerTasks(programs, { allowed, env, clock, masker, cluster: 'eu' })
  const lines: LogLine[] = []
  const how = { timeoutMs: 10_000, onLine: (line: LogLine) => void lines.push(line), signal }
  const texts = () => lines.map(({ text }) => text)
  return {
    tasks,
    how,
    texts,
    run: (name: string) => tasks.run(name, { ...how, place, env: { VESEMIR_TASK: 'smoke' } }),
  }
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as Error & { code: string },
  )

const call = (tasks: WorkerTasks, request: object, how: Parameters<WorkerTasks['call']>[1]) =>
  tasks.call(HttpTask.parse(request) as Parameters<WorkerTasks['call']>[0], how)

describe('a program of the worker’s settings', () => {
  test('runs with the variables that it is to get, and its output has no secrets', async () => {
    const { run, texts } = aWorker()

    await run('greet')

    expect(texts().toSorted()).toEqual(['careful', 'smoke ***'])
  })

  test('fails with its last words', async () => {
    const error = await failure(aWorker().run('fail'))

    expect(error).toMatchObject({ code: 'COMMAND_FAILED', message: 'sh exited with 3: no database' })
  })

  test('is killed with all that it started when its time is up, or the task is stopped', async () => {
    const { tasks, how } = aWorker()
    const stop = new AbortController()
    const onLine = () => stop.abort(new Error('enough'))

    const late = await failure(tasks.run('hang', { ...how, place, timeoutMs: 200, env: {} }))
    const stopped = await failure(tasks.run('hang', { ...how, place, onLine, signal: stop.signal, env: {} }))

    expect(late).toMatchObject({ code: 'COMMAND_TIMED_OUT' })
    expect(stopped?.message).toBe('enough')
  })

  test('is known before the deployment changes anything', () => {
    const { tasks } = aWorker()
    const check = (program: string) => () => tasks.check([aTask({ program })], place)

    expect(check('greet')).not.toThrow()
    expect(check('warm-up')).toThrow('workers of cluster eu have no program warm-up for tasks')
  })

  test.each([
    [{ application: 'payments-eu', environment: 'production' }, undefined, 'greet, fail, hang, refund'],
    [
      { application: 'ledger', environment: 'production' },
      'ledger may not run the program refund in production',
      'greet, fail, hang',
    ],
    [
      { application: 'payments', environment: 'staging' },
      'payments may not run the program refund in staging',
      'greet, fail, hang',
    ],
  ])('runs for %j, unless its settings do not allow it: %s', async (place, refusal, known) => {
    const { tasks, how } = aWorker()
    const check = async (program: string) => tasks.check([aTask({ program })], place)

    const ran = await failure(tasks.run('refund', { ...how, place, env: {} }))
    const checked = await failure(check('refund'))
    const unknown = await failure(check('warm-up'))

    expect([ran?.message, checked?.message]).toEqual([refusal, refusal])
    expect([ran?.code, checked?.code]).toEqual(
      refusal === undefined ? [undefined, undefined] : [notAllowed, notAllowed],
    )
    expect(unknown?.message).toMatch(new RegExp(`they have: ${known}$`))
  })
})

describe('a request', () => {
  test('is sent once, with the version and headers, and polled until the work is done', async () => {
    const asked: string[] = []
    await using server = await startServer(
      createServer((request, response) => {
        asked.push(`${request.method} ${request.url} ${request.headers.authorization}`)
        const polls = asked.length - 1
        // Whoever serves it may be restarted meanwhile.
        if (polls === 1) return void response.writeHead(503).end('starting')
        response.end(polls > 2 ? 'state: done hunter2!hunter2' : 'state: running')
      }),
    )
    const { tasks, how, texts } = aWorker()
    const request = {
      url: `http://127.0.0.1:${server.port}/warm-up?version={version}`,
      headers: { Authorization: { secret: 'TOKEN' } },
      poll: { url: `http://127.0.0.1:${server.port}/status`, done: 'done', failed: 'failed' },
    }
    const { poll, ...parsed } = HttpTask.parse(request)
    const revealed = { ...parsed, poll: { ...poll!, interval: '10ms' }, headers: { Authorization: 'Bearer x' } }

    const note = await tasks.call(revealed, { ...how, version: '2.0.0' })

    expect(note).toBe('done after 3 polls')
    expect(asked).toEqual(['POST /warm-up?version=2.0.0 Bearer x', ...Array<string>(3).fill('GET /status Bearer x')])
    expect(texts()).toContain('state: done ***')
  })

  test.for<[string, RequestListener, object, string, RegExp]>([
    ['an error', (_, response) => void response.writeHead(500).end('no'), {}, 'TASK_FAILED', /HTTP status 500/],
    ['a redirect', (_, response) => void response.writeHead(302, { location: '/x' }).end(), {}, 'TASK_FAILED', /302/],
    ['failed work', (_, response) => void response.end('failed'), { failed: 'failed' }, 'TASK_FAILED', /says failed/],
    ['no end', (_, response) => void response.end('running'), {}, 'COMMAND_TIMED_OUT', /did not say done within/],
  ])('fails by %s', async ([, listener, poll, code, message]) => {
    await using server = await startServer(createServer(listener))
    const { tasks, how } = aWorker()
    const request = { url: `http://127.0.0.1:${server.port}`, poll: { done: 'done', interval: '1s', ...poll } }

    const error = await failure(call(tasks, request, { ...how, timeoutMs: 300, version: '2.0.0' }))

    expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string })
  })

  test('may take all the time of its task, a poll only a part of it', async () => {
    let requests = 0
    await using server = await startServer(
      createServer((_, response) => {
        requests += 1
        // The first poll gets no answer.
        if (requests === 1) setTimeout(() => response.end('begun'), 400)
        if (requests === 3) response.end('done')
      }),
    )
    const { how } = aWorker()
    const request = { url: `http://127.0.0.1:${server.port}`, poll: { done: 'done', interval: '1s' } }
    const deps = { fetch, clock: createSystemClock(), masker: createMasker(), longestPollMs: 100 }

    const note = await callTask(HttpTask.parse(request) as Parameters<typeof callTask>[0], {
      ...how,
      ...deps,
      version: '2.0.0',
    })

    expect(note).toBe('done after 2 polls')
    expect(requests).toBe(3)
  })

  test('goes nowhere that artifacts may not come from', async () => {
    await using server = await startServer(createServer((_, response) => void response.end('secret')))
    const { tasks, how } = aWorker(['jobs.example'])
    const http = HttpTask.parse({ url: `http://127.0.0.1:${server.port}` })

    const error = await failure(tasks.call(http as Parameters<WorkerTasks['call']>[0], { ...how, version: '1' }))

    expect(isVesemirError(error, 'ADDRESS_REFUSED')).toBe(true)
    expect(() => tasks.check([aTask({ http })], place)).toThrow('may not connect to 127.0.0.1')
  })

  test.for([
    ['url', { url: 'https://a:99999/' }, 'tasks.0.http.url: "https://a:99999/" is not a valid URL'],
    ['body', { method: 'GET', body: 'x' }, 'tasks.0.http.body: cannot be sent with method GET'],
  ] as const)(
    'that a version before has stored, and whose %s cannot be sent, is refused by the plan',
    ([, parts, why]) => {
      const { tasks } = aWorker(['jobs.example'])
      const http = HttpTask.parse({ url: 'https://jobs.example/', ...parts })

      expect(() => tasks.check([aTask({ http })], place)).toThrow(why)
    },
  )
})
