import { rename, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readHosts } from '../../infra/demo/read-hosts.ts'
import { runProgram } from '../../infra/fleet/programs.ts'
import { followToEnd, followUntil, startsStep } from '../faults/follow.ts'
import { deploy } from '../support/deploy.ts'
import { startSystem, type System } from '../support/start-system.ts'
import { untruths } from '../support/untruths.ts'

let system: System
beforeAll(async () => {
  system = await startSystem({ fleet: { hosts: 3 } })
  for (const version of ['1.0.0', '2.0.0']) await system.release(version)
})
afterAll(() => system?.[Symbol.asyncDispose]())

/** Has a host run its first release again without a moment in which it does not answer, as a chef-client might. */
async function fallBack(name: string): Promise<void> {
  const { hosts, dir, application, version } = system.fleet
  const { directory } = hosts.find((host) => host.name === name)!
  await symlink(`releases/${version}`, join(directory, 'other'))
  await rename(join(directory, 'other'), join(directory, 'current'))
  await runProgram('sv', ['hup', join(dir, 'vm', name, 'sv', application)])
}

test('a host that falls back to another version in its soak fails and is taken out, and everybody says so', async () => {
  const { fleet } = system
  const order = { application: fleet.application, environment: fleet.environment, version: '1.0.0' }
  const definition = await system.client.getApplication(fleet.application)
  const loadBalancer = { ...definition.loadBalancer!, degradationTime: '60s' }
  const { id } = await system.client.createDeployment({ ...order, concurrency: 1, loadBalancer })
  await followUntil(system, id, startsStep('web-1', 'soak'))

  await fallBack('web-1')

  const { view } = await followToEnd(system, id)
  expect(view.hosts.map(({ state }) => state)).toMatchObject([
    {
      status: 'failed',
      traffic: 'drained',
      failure: {
        code: 'VERSION_CHANGED',
        message: `web-1 no longer runs 1.0.0: /healthz returned "ok ${fleet.version}", expected "1.0.0" in the body`,
      },
    },
    { status: 'pending' },
    { status: 'pending' },
  ])
  expect(await untruths(fleet, view)).toEqual([])
  expect(await readHosts(fleet)).toMatchObject(fleet.hosts.map(() => ({ version: fleet.version })))
  const { stdout } = await system.cli('hosts', fleet.application)
  expect(stdout).toMatch(/web-1 .*1\.0\.0 \(not proven\)/)
})

test('a doctor fails while a server is left out, and says what put it there and what to do', async () => {
  const { exit, stdout } = await system.cli('doctor')

  expect(exit).toBe(1)
  expect(stdout).toMatch(/2 of 6 servers are out of service: lb-1 payments\/web-1 is in maint, left by d-\d+/)
  expect(stdout).toMatch(/→ .*vesemir lb doctor.*vesemir retry d-\d+/)
  expect(stdout).not.toContain('All checks passed')
})

test('without a check that proves the version the plan warns, and the record says that it is not proven', async () => {
  const { exit, stdout, view } = await deploy(system, '2.0.0', '--set', 'healthCheck.expectBody=ok')
  const hosts = await system.client.listHosts(system.fleet.application)

  expect(exit).toBe(0)
  expect(stdout).toContain('the health check does not prove the version: /healthz passes with any version')
  expect(stdout).toContain('succeeded, version not proven')
  expect(view!.deployment.state).toMatchObject({ status: 'succeeded', note: 'version not proven' })
  expect(hosts.hosts).toMatchObject(
    system.fleet.hosts.map(() => ({ runs: { version: '2.0.0', isVersionProven: false } })),
  )
  expect(await system.cli('doctor')).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining('All checks passed') as string,
  })
})
