import type { Deployment, DeploymentView } from '@vesemir/contract'
import { expect, test } from 'vitest'
import { startFakeApi } from '../testing/fake-api.ts'
import { runCli } from '../testing/run-cli.ts'
import { claimed, planned, queued, viewOf } from '../testing/story.ts'

const list = 'GET /v1/deployments?application=payments&environment=production&limit=200'

/** d-42 deployed 2.0.0 to web-1 and web-2; before it, 1.5.0 and 1.4.0 had succeeded. */
function anApi() {
  const view = viewOf([queued, claimed, planned('web-1', 'web-2')])
  const hosts = view.hosts.map((host) => ({ ...host, state: { status: 'succeeded' }, release: { previous: '1.5.0' } }))
  const current = { ...view, hosts } as unknown as DeploymentView
  const earlier = (id: string, version: string) =>
    ({
      ...view.deployment,
      id,
      spec: { ...view.deployment.spec, version },
      state: { status: 'succeeded' },
      supersededBy: { id: 'd-42', version: '2.0.0' },
    }) as Deployment
  const deployments = [view.deployment, earlier('d-41', '1.5.0'), earlier('d-40', '1.4.0')]
  const version = view.deployment.spec.version
  return {
    version,
    start: () =>
      startFakeApi({
        answers: {
          [list]: [200, { deployments }],
          'GET /v1/deployments/d-42': [200, current],
          'POST /v1/deployments/d-42/commands': [202, { id: 'd-42', changed: true }],
        },
      }),
  }
}

test('rolls back the current deployment of an application, and says from what to what on how many hosts', async () => {
  const { version, start } = anApi()
  await using api = await start()

  const { exit, stderr } = await runCli(['rollback', 'payments', '-e', 'production', '--detach'], { url: api.url })

  expect(stderr).toContain(
    `payments in production goes back from ${version} to 1.5.0 on 2 hosts: d-42 is rolled back\n`,
  )
  expect(api.requests.at(-1)).toEqual({
    method: 'POST',
    path: '/v1/deployments/d-42/commands',
    body: { command: 'rollback' },
  })
  expect(exit).toBe(0)
})

test('deploys an earlier version again', async () => {
  const { version, start } = anApi()
  await using api = await start()

  const typed = ['rollback', 'payments', '-e', 'production', '--to', '1.4.0', '--detach']
  const { exit, stdout, stderr } = await runCli(typed, { url: api.url })

  expect(stderr).toContain(`goes back from ${version} to 1.4.0 on 2 hosts: a deployment of its own\n`)
  expect(api.requests.at(-1)).toMatchObject({
    method: 'POST',
    path: '/v1/deployments',
    body: {
      application: 'payments',
      environment: 'production',
      version: '1.4.0',
      goesBack: true,
      reason: `back from ${version} to 1.4.0`,
    },
  })
  expect([exit, stdout]).toEqual([0, 'd-42\n'])
})

test('says which versions there are not, and that --to goes with an application', async () => {
  const { start } = anApi()
  await using api = await start()

  const unknown = await runCli(['rollback', 'payments', '-e', 'production', '--to', '1.3.0'], { url: api.url })
  const alone = await runCli(['rollback', 'd-42', '--to', '1.3.0'], { url: api.url })

  expect(unknown.stderr).toContain('1.3.0 is not among the versions that have succeeded there (ROLLBACK_UNAVAILABLE)')
  expect(alone.stderr).toContain('--to 1.3.0 needs the name of an application, and its environment: -e production')
  expect(api.requests.filter(({ method }) => method === 'POST')).toEqual([])
})
