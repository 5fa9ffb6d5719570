import type { Command } from '@vesemir/contract'
import { describe, expect, test } from 'vitest'
import { aSession } from '../testing/a-session.ts'
import { startFakeApi } from '../testing/fake-api.ts'
import { runCli } from '../testing/run-cli.ts'
import { eventsOf, failedStory, queued } from '../testing/story.ts'
import { steerDeployment, type SteerOptions } from './steer.ts'

const commands = 'POST /v1/deployments/d-42/commands'
const news: [number, unknown] = [202, { id: 'd-42', changed: true }]

describe('sends the command, and prints what it does', () => {
  test.each<[Command['command'], SteerOptions, unknown, string]>([
    ['approve', {}, { command: 'approve' }, 'd-42 continues past its gate\n'],
    [
      'reject',
      { reason: 'slow' },
      { command: 'reject', reason: 'slow' },
      'd-42 ends at its gate. Restore the previous release: vesemir rollback d-42\n',
    ],
    [
      'pause',
      {},
      { command: 'pause' },
      'd-42 finishes the hosts in progress and starts no more. Resume it: vesemir resume d-42\n',
    ],
    ['resume', {}, { command: 'resume' }, 'd-42 resumes\n'],
    [
      'cancel',
      {},
      { command: 'cancel', now: false },
      'd-42 finishes the hosts in progress, then ends. Stop them too: vesemir cancel d-42 --now\n',
    ],
    [
      'cancel',
      { now: true },
      { command: 'cancel', now: true },
      'd-42 stops the hosts in progress at their next safe point, restores them, and ends\n',
    ],
    ['retry', {}, { command: 'retry' }, 'd-42 retries all unfinished hosts\n'],
    [
      'retry',
      { host: ['web-1', 'web-2'] },
      { command: 'retry', hosts: ['web-1', 'web-2'] },
      'd-42 retries web-1, web-2\n',
    ],
    ['skip', {}, { command: 'skip' }, 'd-42 continues without the failed hosts\n'],
    ['rollback', {}, { command: 'rollback' }, 'd-42 restores the previous release, host by host\n'],
  ])('%s %o', async (name, options, body, printed) => {
    await using api = await startFakeApi({ answers: { [commands]: news } })
    const { session, output } = aSession(api.url)

    const exit = await steerDeployment('d-42', name, { ...options, session })

    expect(api.requests).toEqual([{ method: 'POST', path: '/v1/deployments/d-42/commands', body }])
    expect(output).toEqual({ stdout: '', stderr: printed })
    expect(exit).toBe(0)
  })
})

test('says that a command given before changes nothing', async () => {
  await using api = await startFakeApi({ answers: { [commands]: [202, { id: 'd-42', changed: false }] } })
  const { session, output } = aSession(api.url)

  await steerDeployment('d-42', 'pause', { session })

  expect(output.stderr).toBe('d-42 is already paused; nothing to do\n')
})

test('retries the hosts of one cause, as status numbers them', async () => {
  const causes = [{ hosts: ['web-1', 'web-2'] }, { hosts: ['web-3'] }]
  await using api = await startFakeApi({
    answers: { [commands]: news, 'GET /v1/deployments/d-42/failures': [200, { causes }] },
  })
  const { session, output } = aSession(api.url)

  await steerDeployment('d-42', 'retry', { cause: 1, session })
  const unknown = steerDeployment('d-42', 'retry', { cause: 3, session })

  await expect(unknown).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
    message: '--cause 3 not found: d-42 has 2 causes of failure',
  })
  expect(api.requests.filter(({ method }) => method === 'POST').map(({ body }) => body)).toEqual([
    { command: 'retry', hosts: ['web-1', 'web-2'] },
  ])
  expect(output.stderr).toBe('d-42 retries web-1, web-2\n')
})

test('says how to follow a deployment after --detach', async () => {
  await using api = await startFakeApi({ answers: { [commands]: news } })

  const { exit, stdout, stderr } = await runCli(['retry', 'd-42', '--detach'], { url: api.url })

  expect(stderr).toBe('d-42 retries all unfinished hosts\nFollow it: vesemir logs d-42 -f\n')
  expect([exit, stdout]).toEqual([0, ''])
})

test.each(['approve', 'resume', 'skip', 'retry', 'rollback'])(
  '%s is followed to the end without a terminal, and exits as the deployment did',
  async (name) => {
    await using api = await startFakeApi({ events: eventsOf(failedStory), answers: { [commands]: news } })

    const { exit, stderr } = await runCli([name, 'd-42'], { url: api.url })

    expect(stderr).toContain('web-2 failed in verify: web-2 was not healthy in 60s')
    expect(exit).toBe(1)
  },
)

test('a command that was refused after it was accepted exits with the refusal', async () => {
  const failure = { code: 'DEPLOYMENT_SUPERSEDED', message: 'd-42 is superseded by d-43 (3.0.0)' }
  const events = eventsOf([
    queued,
    { type: 'command.refused', failure, by: 'ada', follows: 1 },
    { type: 'deployment.ended', outcome: 'succeeded' },
  ])
  await using api = await startFakeApi({ events, answers: { [commands]: news } })

  const { exit } = await runCli(['retry', 'd-42'], { url: api.url })

  expect(exit).toBe(5)
})

test('follows from where the deployment was, and exits as it did', async () => {
  const events = eventsOf(failedStory)
  await using api = await startFakeApi({ events, answers: { [commands]: news } })
  const { session, output } = aSession(api.url, { json: true })

  const exit = await steerDeployment('d-42', 'cancel', { follow: true, session })

  expect(JSON.parse(output.stdout)).toEqual({ id: 'd-42', status: 'failed', exit: 1 })
  expect(exit).toBe(1)
})

test('a refusal names the state that is in the way: exit 5', async () => {
  const problem = {
    type: 'about:blank',
    title: 'Conflict',
    status: 409,
    detail: 'cannot cancel d-42 (succeeded): the deployment has ended',
    code: 'COMMAND_REFUSED',
    hint: 'Show the state of the deployment: vesemir status ID',
  }
  await using api = await startFakeApi({ answers: { [commands]: [409, problem] } })

  const { exit, stdout, stderr } = await runCli(['cancel', 'd-42', '--now', '--reason', 'wrong build'], {
    url: api.url,
  })

  expect(api.requests[0]!.body).toEqual({ command: 'cancel', now: true, reason: 'wrong build' })
  expect(stdout).toBe('')
  expect(stderr).toBe(
    'error: cannot cancel d-42 (succeeded): the deployment has ended (COMMAND_REFUSED)\n→ Show the state of the deployment: vesemir status d-42\n',
  )
  expect(exit).toBe(5)
})

test('retries the hosts that are named', async () => {
  await using api = await startFakeApi({ answers: { [commands]: news } })

  const { exit, stdout } = await runCli(['retry', 'd-42', '--host', 'web-1,web-2', '--detach', '--json'], {
    url: api.url,
  })

  expect(api.requests[0]!.body).toEqual({ command: 'retry', hosts: ['web-1', 'web-2'] })
  expect(JSON.parse(stdout)).toEqual({ id: 'd-42', changed: true })
  expect(exit).toBe(0)
})
