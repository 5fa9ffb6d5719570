import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { startFakeApi } from './testing/fake-api.ts'
import { runCli } from './testing/run-cli.ts'
import { runInTerminal } from './testing/run-in-terminal.ts'
import { eventsOf, failedStory, planned, queued, viewOf } from './testing/story.ts'

// Each test starts processes, several at a time.
vi.setConfig({ testTimeout: 30_000 })

const deployArgs = ['deploy', 'payments', '-e', 'production', '--version', '2.0.0']
const failed = eventsOf(failedStory)
const running = eventsOf([
  queued,
  planned('web-1', 'web-2'),
  { type: 'host.claimed', host: 'web-1', attempt: 1, worker: 'worker-1' },
  { type: 'step.started', host: 'web-1', step: 'drain' },
])

describe.concurrent('on a terminal, a deployment', () => {
  test('is followed without being asked: its story above, and once below where its hosts are', async () => {
    await using api = await startFakeApi({ events: failed })
    const terminal = runInTerminal(deployArgs, { url: api.url })

    expect(await terminal.exit).toBe(1)

    const screen = terminal.screen()
    expect(screen.slice(0, 2)).toEqual([
      `${api.url}/deployments/d-42`,
      '15:04:01 d-42               payments 2.0.0 to production, requested by ada: hotfix',
    ])
    expect(screen.filter((line) => line.startsWith('✓ web-1  succeeded'))).toHaveLength(1)
    expect(screen.filter((line) => line.startsWith('d-42 payments 2.0.0 to production'))).toEqual([
      'd-42 payments 2.0.0 to production  failed  1 failed, 1/3 hosts, 20s',
    ])
    expect(screen.slice(-4)).toEqual([
      'Next steps:',
      '  vesemir logs d-42 --host web-2  show its output',
      '  vesemir retry d-42              deploy the failed and pending hosts',
      '  vesemir rollback d-42           restore the previous release on every changed host',
    ])
  })

  test('goes on after Ctrl-C, which asks nothing and says how to come back: exit 130', async () => {
    await using api = await startFakeApi({ events: running })
    const terminal = runInTerminal(deployArgs, { url: api.url })

    await terminal.shows('▶ web-1  3/9 drain')
    terminal.type('\u0003')

    expect(await terminal.exit).toBe(130)
    expect(terminal.screen().at(-1)).toBe('d-42 is still running. Follow it: vesemir logs d-42 -f')
  })

  test('fits a narrow and low terminal: lines are cut, and hosts that say less are left out', async () => {
    await using api = await startFakeApi({ events: running })
    const terminal = runInTerminal(['logs', 'd-42', '-f', '--after', '4'], { url: api.url, columns: 24, rows: 6 })

    await terminal.shows('and 1 more')
    expect(terminal.screen().slice(-3)).toEqual([
      expect.stringMatching(/^▶ web-1 .*…$/),
      '  and 1 more',
      'd-42 payments 2.0.0 to …',
    ])

    terminal.type('\u0003')
    await terminal.exit
  })

  test('is shown in lines without colours or cursor movements where NO_COLOR is set', async () => {
    await using api = await startFakeApi({ events: failed })
    const terminal = runInTerminal(deployArgs, { url: api.url, env: { NO_COLOR: '1' } })

    expect(await terminal.exit).toBe(1)

    expect(terminal.written()).not.toContain('\u001b')
    expect(terminal.screen()).toContain('15:04:10 web-1     drain    done in 4.1s: 4 sessions ended')
  })

  test('is watched in place until it ends', async () => {
    const views = [viewOf([queued]), viewOf([queued, planned('web-1')]), viewOf(failedStory)]
    await using api = await startFakeApi({
      answers: { 'GET /v1/deployments/d-42': () => [200, views.length > 1 ? views.shift() : views[0]] },
    })
    const terminal = runInTerminal(['status', 'd-42', '--watch'], { url: api.url })

    await terminal.shows('queued')
    expect(await terminal.exit).toBe(1)

    expect(terminal.screen().filter((line) => line.startsWith('d-42  payments'))).toEqual([
      'd-42  payments 2.0.0 to production  failed  20s',
    ])
  })
})

describe.concurrent('login', () => {
  const me: [number, unknown] = [200, { name: 'ada', role: 'deployer', grants: [{ role: 'deployer' }] }]

  test('asks for address and token, never shows the token, and keeps both for their owner alone', async () => {
    await using home = await aHome()
    await using api = await startFakeApi({
      answers: { 'GET /v1/session': me, 'GET /v1/applications': [200, { applications: [] }] },
    })
    const terminal = runInTerminal(['login'], { home: home.path })

    await terminal.shows('URL of the API: ')
    terminal.type(`${api.url}\r`)
    await terminal.shows('Token (hidden): ')
    terminal.type('s3cret-token\r')

    expect(await terminal.exit).toBe(0)
    expect(terminal.written()).not.toContain('s3cret')
    const file = join(home.path, '.config/vesemir/config.yml')
    expect(await readFile(file, 'utf8')).toBe(`url: ${api.url}\ntoken: s3cret-token\n`)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(terminal.screen().join('')).toContain(`Signed in to ${api.url} as ada (deployer). Saved to ${file}`)
    expect((await runCli(['apps', 'list'], { home: home.path })).exit).toBe(0)
  })

  test('keeps nothing when the question is left with Ctrl-C: exit 130', async () => {
    await using home = await aHome()
    await using api = await startFakeApi()
    const terminal = runInTerminal(['login', '--url', api.url], { home: home.path })

    await terminal.shows('Token (hidden): ')
    terminal.type('s3c\u0003')

    expect(await terminal.exit).toBe(130)
    await expect(stat(join(home.path, '.config'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('in a pipe takes the token from stdin', async () => {
    await using home = await aHome()
    await using api = await startFakeApi({ answers: { 'GET /v1/session': me } })

    const { exit, stdout, stderr } = await runCli(['login', '--json'], {
      home: home.path,
      url: api.url,
      stdin: 's3cret-token\n',
    })

    expect(JSON.parse(stdout)).toMatchObject({ url: api.url, name: 'ada', role: 'deployer' })
    expect(stdout + stderr).not.toContain('s3cret')
    expect(exit).toBe(0)
  })

  test('keeps nothing when the API refuses the token: exit 4', async () => {
    await using home = await aHome()
    const problem = { type: 'about:blank', title: 'No', status: 401, detail: 'no such token', code: 'UNAUTHENTICATED' }
    await using api = await startFakeApi({ answers: { 'GET /v1/session': [401, problem] } })

    const { exit } = await runCli(['login', '--url', api.url], { home: home.path, stdin: 's3cret-token\n' })

    expect(exit).toBe(4)
    await expect(stat(join(home.path, '.config'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

async function aHome() {
  const path = await mkdtemp(join(tmpdir(), 'vesemir-home-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}
