import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { closedUrl } from './testing/closed-url.ts'
import { startFakeApi } from './testing/fake-api.ts'
import { runCli, type RunOptions } from './testing/run-cli.ts'
import { eventsOf, failedStory, planned, queued } from './testing/story.ts'

const failed = eventsOf(failedStory)
const running = eventsOf([queued, planned('web-1')])
const deployArgs = ['deploy', 'payments', '--environment', 'production', '--version', '2.0.0']
let folder: string

// Each test starts processes, several at a time.
vi.setConfig({ testTimeout: 30_000 })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-cli-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe.concurrent('wrong usage exits with 2 and says what is wrong', () => {
  test.each([
    [['status'], "error: missing required argument 'id'"],
    [['deploy', 'payments'], "error: required option '-e, --environment <name>' not specified"],
    [['deploy', '-e', 'production', '--version', '1.0.0'], "error: missing required argument 'application'"],
    [
      ['deploy', '--plan', 'p-7', '--hosts', 'web-1'],
      "option '--plan <id>' cannot be used with option '--hosts <names>'",
    ],
    [['deploy', 'payments', '--plan', 'p-7'], 'error: --plan says what is deployed: leave payments out'],
    [['statuss'], "error: unknown command 'statuss'\n(Did you mean status?)"],
    [['logs', 'd-1', '--after', '-1'], 'It is not a whole number from 0.'],
    [['logs', 'd-1', '--step', 'dance'], 'Allowed choices are connect, guard, drain'],
    [
      [...deployArgs, '--detach', '--timeout', '1m'],
      "option '--detach' cannot be used with option '--timeout <duration>'",
    ],
    [[...deployArgs, '--timeout', 'soon', '--url', 'http://api.example'], '--timeout: "soon" is not a duration'],
    [['status', 'web-1', '--url', 'http://api.example'], '"web-1" is not a deployment\'s id, such as "d-42"'],
    [['list'], 'API address not set. Pass --url, set VESEMIR_URL'],
  ])('%j', async (args, message) => {
    const { exit, stdout, stderr } = await run(args)

    expect(stderr).toContain(message)
    expect(stderr).not.toContain('    at ')
    expect(stdout).toBe('')
    expect(exit).toBe(2)
  })
})

describe.concurrent('a deployment', () => {
  test('is followed in plain lines to its end, whose exit code it gives', async () => {
    await using api = await startFakeApi({ events: failed })

    const { exit, stdout, stderr } = await run([...deployArgs, '--concurrency', '2'], { url: api.url })

    expect(api.requests[0]!.body).toEqual({
      application: 'payments',
      environment: 'production',
      version: '2.0.0',
      concurrency: 2,
    })
    expect(stdout.split('\n')).toContain('15:04:10 web-1     drain    done in 4.1s: 4 sessions ended')
    expect(stderr).toBe(`${api.url}/deployments/d-42

web-2 failed in verify: web-2 was not healthy in 60s (HEALTH_CHECK_FAILED)
→ Read the step's output: vesemir logs d-42 --host web-2

Next steps:
  vesemir logs d-42 --host web-2  show its output
  vesemir retry d-42              deploy the failed and pending hosts
  vesemir rollback d-42           restore the previous release on every changed host
`)
    expect(exit).toBe(1)
  })

  test('is followed in JSON, and the last line says how it ended', async () => {
    await using api = await startFakeApi({ events: failed })

    const { exit, stdout } = await run([...deployArgs, '--json'], { url: api.url })

    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
    expect(lines).toEqual([...failed, { id: 'd-42', status: 'failed', exit: 1 }])
    expect(exit).toBe(1)
  })

  test('is only asked for with --detach: stdout is its id', async () => {
    await using api = await startFakeApi({ events: running })

    const { exit, stdout, stderr } = await run([...deployArgs, '--detach'], { url: api.url })

    expect(stdout).toBe('d-42\n')
    expect(stderr).toBe(`${api.url}/deployments/d-42\nDeployment accepted. Follow it: vesemir logs d-42 -f\n`)
    expect(exit).toBe(0)
  })

  test('goes on when the wait is over: exit 6', async () => {
    await using api = await startFakeApi({ events: running })

    const { exit, stderr } = await run([...deployArgs, '--timeout', '10ms'], { url: api.url })

    expect(stderr).toBe(`${api.url}/deployments/d-42\nd-42 is still running. Follow it: vesemir logs d-42 -f\n`)
    expect(exit).toBe(6)
  })

  test('is not asked for when a report of it cannot be written', async () => {
    await using api = await startFakeApi({ events: failed })

    const { exit, stderr } = await run([...deployArgs, '--junit', '/nowhere/junit.xml'], { url: api.url })

    expect(stderr).toContain('error: --junit: cannot write /nowhere/junit.xml: ENOENT (REQUEST_INVALID)\n')
    expect(api.requests).toEqual([])
    expect(exit).toBe(2)
  })

  test('in a CI job is folded by host, annotated and summed up', async () => {
    await using api = await startFakeApi({ events: failed })
    const [summary, junit] = [join(folder, 'summary.md'), join(folder, 'junit.xml')]

    const { exit, stdout, stderr } = await run([...deployArgs, '--junit', junit], {
      url: api.url,
      env: { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary },
    })

    expect(stdout).toContain('\n::group::web-1 succeeded\n')
    expect(stderr).toContain(
      "\n::error title=payments 2.0.0 to production%3A web-2 failed in verify::web-2 was not healthy in 60s (HEALTH_CHECK_FAILED)%0ARead the step's output: vesemir logs d-42 --host web-2\n",
    )
    expect(await readFile(summary, 'utf8')).toContain(`[d-42](${api.url}/deployments/d-42)`)
    expect(await readFile(junit, 'utf8')).toContain('<testcase name="web-1"')
    expect(exit).toBe(1)
  })

  test.each([
    ['deploy', [...deployArgs, '--detach', '--web']],
    ['status', ['status', 'd-42', '--web']],
  ])('is opened in the browser by %s --web', async (name, args) => {
    const bin = await mkdtemp(join(folder, `${name}-`))
    await writeFile(join(bin, 'xdg-open'), `#!/bin/sh\necho "$1" > "${bin}/opened"\n`, { mode: 0o755 })
    await using api = await startFakeApi({ events: running })

    const { exit } = await run(args, { url: api.url, env: { PATH: `${bin}:${process.env.PATH}` } })

    expect(exit).toBe(0)
    await expect
      .poll(() => readFile(join(bin, 'opened'), 'utf8').catch(() => ''), { timeout: 10_000 })
      .toBe(`${api.url}/deployments/d-42\n`)
  })

  test('goes on after Ctrl-C: exit 130', async () => {
    await using api = await startFakeApi({ events: running })

    const { exit, stderr } = await run(['logs', 'd-42', '-f'], { url: api.url, interruptAt: 'planned: 1 host' })

    expect(stderr).toBe('d-42 is still running. Follow it: vesemir logs d-42 -f\n')
    expect(exit).toBe(130)
  })

  test('takes the rest of a part from the definition when one field of it differs', async () => {
    const definition = { name: 'payments', hosts: { tags: ['web'] } }
    await using api = await startFakeApi({
      events: running,
      answers: { 'GET /v1/applications/payments': [200, definition] },
    })

    await run([...deployArgs, '--detach', '--hosts', 'web-1,web-2'], { url: api.url })

    expect(api.requests[1]!.body).toMatchObject({ hosts: { tags: ['web'], only: ['web-1', 'web-2'] } })
  })

  test('is asked for with what differs this once', async () => {
    await using api = await startFakeApi({ events: running })

    await run([...deployArgs, '--no-wait', '--override', '--concurrency', '1, 10%', '--detach'], { url: api.url })

    expect(api.requests[0]!.body).toMatchObject({ wait: false, override: true, concurrency: [1, '10%'] })
  })

  test('is only planned with --dry-run, as by plan', async () => {
    const preview = {
      id: 'p-7',
      plan: planned('web-1').plan,
      servers: [],
      steps: [],
      expiresAt: '2026-03-02T15:04:00.000Z',
    }
    await using api = await startFakeApi({ answers: { 'POST /v1/plans': [200, preview] } })

    const dry = await run([...deployArgs, '--dry-run'], { url: api.url })
    const plan = await run(['plan', ...deployArgs.slice(1), '--json'], { url: api.url })

    expect(api.requests.map(({ path }) => path)).toEqual(['/v1/plans', '/v1/plans'])
    expect(dry.stdout).toContain('payments 2.0.0 to production\n1 host in 1 wave, at most 2 at a time, behind lb1, lb2')
    expect(dry.stderr).toBe(`Nothing changed. Deploy exactly this until 2026-03-02 15:04: vesemir deploy --plan p-7\n`)
    expect(JSON.parse(plan.stdout)).toEqual(preview)
    expect([dry.exit, plan.exit]).toEqual([0, 0])
  })

  test('is exactly what a plan said: the line that plan printed is complete', async () => {
    const preview = {
      id: 'p-7',
      plan: planned('web-1').plan,
      servers: [],
      steps: [],
      needsYes: true,
      expiresAt: '2026-03-02T15:04:00.000Z',
    }
    await using api = await startFakeApi({
      events: running,
      answers: {
        'POST /v1/plans': [200, preview],
        'POST /v1/plans/p-7/deployments': [202, { id: 'd-42', links: { self: '', events: '' } }],
      },
    })

    const plan = await run(['plan', ...deployArgs.slice(1), '--concurrency', '1', '--url', api.url])
    const line = /vesemir (deploy .*)\n$/.exec(plan.stderr)![1]!
    const deployed = await run([...line.split(' '), '--detach'])

    expect(line).toBe(`deploy --plan p-7 --yes --url ${api.url}`)
    expect(deployed.stdout).toBe('d-42\n')
    expect(api.requests.at(-1)).toEqual({
      method: 'POST',
      path: '/v1/plans/p-7/deployments',
      body: { acceptLowCapacity: true },
    })
  })

  test('that is refused is explained field by field, with what to do', async () => {
    const problem = {
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      detail: 'the request is not valid',
      code: 'REQUEST_INVALID',
      errors: [{ field: 'concurrency', message: '0 is not a number of hosts from 1' }],
    }
    await using api = await startFakeApi({ answers: { 'POST /v1/deployments': [400, problem] } })

    const people = await run([...deployArgs, '--concurrency', '0'], { url: api.url })
    const programs = await run([...deployArgs, '--concurrency', '0', '--json'], { url: api.url })

    expect(people.stderr).toBe(`error: the request is not valid (REQUEST_INVALID)
  concurrency: 0 is not a number of hosts from 1
→ Fix the named fields and send the request again.
`)
    expect(JSON.parse(programs.stderr)).toMatchObject({ error: { errors: problem.errors }, exit: 2 })
    expect([people.exit, programs.exit]).toEqual([2, 2])
  })
})

describe.concurrent('what happened', () => {
  test('is shown to now, and exits with 0 whatever it was', async () => {
    await using api = await startFakeApi({ events: running })

    const { exit, stdout } = await run(['logs', 'd-42'], { url: api.url })

    expect(stdout).toContain('planned: 1 host in 1 wave')
    expect(exit).toBe(0)
  })

  test('is shown of one host and step, from an event on', async () => {
    await using api = await startFakeApi({ events: failed })

    const { stdout } = await run(['logs', 'd-42', '--host', 'web-1', '--step', 'deploy', '--after', '14'], {
      url: api.url,
    })

    expect(stdout).toBe(`15:04:15 web-1     deploy   release 2.0.0-ab12 in place, previous 1.9.0-77aa
15:04:16 web-1     deploy   done in 3.9s: unpacked again
`)
  })

  test('ends quietly when its reader goes', async () => {
    const many = eventsOf([queued, planned('web-1'), ...Array.from({ length: 2000 }, () => noise)])
    await using api = await startFakeApi({ events: many })

    const { exit, stderr } = await run(['logs', 'd-42'], { url: api.url, readFirstOnly: true })

    expect(stderr).toBe('')
    expect(exit).toBe(141)
  })

  test('of an unknown deployment says so', async () => {
    await using api = await startFakeApi()

    const { exit, stderr } = await run(['logs', 'd-43', '-f'], { url: api.url })

    expect(stderr).toBe('error: deployment d-43 not found (DEPLOYMENT_UNKNOWN)\n→ List the deployments: vesemir list\n')
    expect(exit).toBe(2)
  })
})

describe.concurrent('an application', () => {
  test('is checked before it is sent, and the complaint names file and line', async () => {
    const file = join(folder, 'bad.yml')
    await writeFile(file, 'name: payments\nconcurrency: 0\n')
    await using api = await startFakeApi()

    const { exit, stderr } = await run(['apps', 'apply', '-f', file], { url: api.url })

    expect(stderr).toContain(`  ${file}:2:1  concurrency: `)
    expect(api.requests).toEqual([])
    expect(exit).toBe(2)
  })

  test('is registered from stdin', async () => {
    const definition = { name: 'payments', team: 'shop' }
    await using api = await startFakeApi({ answers: { 'PUT /v1/applications/payments': [200, definition] } })

    const { exit, stdout } = await run(['apps', 'apply', '-f', '-', '--json'], {
      url: api.url,
      stdin: 'name: payments\nteam: shop\n',
    })

    expect(api.requests[0]!.body).toEqual(definition)
    expect(JSON.parse(stdout)).toEqual(definition)
    expect(exit).toBe(0)
  })

  test('is shown as apply reads it', async () => {
    const definition = { name: 'payments', environments: { production: { concurrency: '25%' } } }
    await using api = await startFakeApi({ answers: { 'GET /v1/applications/payments': [200, definition] } })

    const { stdout } = await run(['apps', 'show', 'payments'], { url: api.url })

    expect(stdout).toBe('name: payments\nenvironments:\n  production:\n    concurrency: 25%\n')
  })
})

describe.concurrent('a service', () => {
  test('that is not there is named with the address, and never with the token: exit 7', async () => {
    const url = await closedUrl()

    const { exit, stdout, stderr } = await run([...deployArgs, '--token', 's3cret', '--idempotency-key', 'k-1'], {
      url,
    })

    expect(stderr).toBe(`To try again without deploying twice, add --idempotency-key k-1
error: no answer from ${url}: connect ECONNREFUSED ${new URL(url).host} (API_UNREACHABLE)
→ Check --url (VESEMIR_URL) and that the API is running.
`)
    expect(stdout + stderr).not.toContain('s3cret')
    expect(exit).toBe(7)
  })

  test('that refuses the token makes it exit with 4', async () => {
    const problem = {
      type: 'about:blank',
      title: 'No',
      status: 401,
      detail: 'the token is not known',
      code: 'UNAUTHENTICATED',
    }
    await using api = await startFakeApi({ answers: { 'GET /v1/deployments': [401, problem] } })

    const { exit, stderr } = await run(['list', '--token', 's3cret'], { url: api.url })

    expect(stderr).toBe(
      'error: the token is not known (UNAUTHENTICATED)\n→ Pass a valid token: VESEMIR_TOKEN or --token.\n',
    )
    expect(exit).toBe(4)
  })
})

const noise: Parameters<typeof eventsOf>[0][number] = {
  type: 'log.appended',
  host: 'web-1',
  step: 'deploy',
  lines: [{ stream: 'stdout', text: 'x'.repeat(200) }],
}

const run = (args: string[], options: RunOptions = {}) => runCli(args, { home: folder, ...options })
