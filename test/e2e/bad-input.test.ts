import type { DeploymentState } from '@vesemir/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deploy } from '../support/deploy.ts'
import { intruderCluster } from '../support/intruder-cluster.ts'
import { startSystem, type System } from '../support/start-system.ts'
import { untruths } from '../support/untruths.ts'

let system: System
beforeAll(async () => {
  system = await startSystem({
    fleet: {
      hosts: 3,
      haproxy: { extraBackends: ['backend elsewhere', '  server web-1 127.0.0.1:9'] },
    },
    clusters: intruderCluster,
  })
  await system.release('1.0.0')
})
afterAll(() => system?.[Symbol.asyncDispose]())

describe('a request that cannot be meant is refused with exit code 2, and not recorded', () => {
  test.for([
    ['an unknown application', ['nonesuch', '--version', '1.0.0'], 'application nonesuch is not registered'],
    [
      'an unknown environment',
      ['payments', '--version', '1.0.0', '-e', 'moon'],
      '"moon" is not one of the environments',
    ],
    [
      'a version with a newline',
      ['payments', '--version', '1.0.0\n2.0.0'],
      String.raw`"1.0.0\n2.0.0" is not a version`,
    ],
    ['a version with a command', ['payments', '--version', '1; rm -rf /'], '"1; rm -rf /" is not a version'],
    [
      'a concurrency of 0',
      ['payments', '--version', '1.0.0', '--concurrency', '0'],
      'concurrency: 0 is too small: at least 1',
    ],
    [
      'a concurrency of 101%',
      ['payments', '--version', '1.0.0', '--concurrency', '101%'],
      'concurrency: "101%" is not a percentage',
    ],
    [
      'an unknown cluster',
      ['payments', '--version', '1.0.0', '--set', 'cluster=us'],
      '"us" is not one of the clusters',
    ],
  ] as const)('%s', async ([, args, words]) => {
    const before = await system.client.listDeployments()

    const { exit, stderr } = await system.cli('deploy', '-e', 'production', ...args)

    expect(stderr).toContain(words)
    expect(exit).toBe(2)
    expect(await system.client.listDeployments()).toEqual(before)
  })

  test('a wrong token, with exit code 4', async () => {
    const { exit, stderr } = await system.cli('list', '--token', 'not-the-token-of-anyone')

    expect(stderr).toContain('UNAUTHENTICATED')
    expect(exit).toBe(4)
  })
})

describe('a deployment that cannot be planned touches nothing, and says why', () => {
  test.for([
    [
      'tags that no host has',
      ['--tag', 'nonesuch'],
      'PLAN_EMPTY',
      'no hosts found for payments of team core in production',
    ],
    ['a key that Chef does not know', ['--set', 'cluster=intruder'], 'INVENTORY_REFUSED', 'vesemir'],
    [
      'boxes that are not there',
      ['--set', 'loadBalancer.boxes.tags=[none]'],
      'PLAN_NO_BOXES',
      'no machine in production matches loadBalancer.boxes',
    ],
    ['a backend unknown to HAProxy', ['--set', 'loadBalancer.backends=[nonesuch]'], 'BACKEND_UNKNOWN', 'nonesuch'],
    ['a server unknown to HAProxy', ['--set', 'loadBalancer.backends=[elsewhere]'], 'SERVER_UNKNOWN', 'web-2'],
    ['an artifact with another sum', ['--sha256', '0'.repeat(64)], 'ARTIFACT_MISMATCH', 'payments-1.0.0.tar.gz'],
    ['an artifact that is not there', ['--set', 'changeset.url=file:///nonesuch'], 'ARTIFACT_UNAVAILABLE', 'nonesuch'],
  ] as const)('%s', async ([, options, code, words]) => {
    const { exit, stdout, view } = await deploy(system, '1.0.0', ...options)

    expect(failureOf(view!.deployment.state)).toMatchObject({ code, message: expect.stringContaining(words) as string })
    expect(view!.hosts).toEqual([])
    expect(stdout).toContain(`(${code})`)
    expect(exit).toBe(1)
    expect(await untruths(system.fleet, view!)).toEqual([])
  })
})

function failureOf(state: DeploymentState) {
  return 'failure' in state ? state.failure : undefined
}
