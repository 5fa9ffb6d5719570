import type { DeploymentView } from '@vesemir/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChefNode } from '../../infra/fleet/chef-node.ts'
import { deploy } from '../support/deploy.ts'
import { startSystem, type System } from '../support/start-system.ts'
import { untruths } from '../support/untruths.ts'

let system: System
beforeAll(async () => {
  system = await startSystem({ fleet: { hosts: 4 } })
  await system.release('1.0.0')
  await system.release('1.1.0', { unhealthy: true })
  await system.release('1.2.0', { crashOnStart: true })
})
afterAll(() => system?.[Symbol.asyncDispose]())

test('Chef is down: nothing is touched, and the record says which server does not answer', async () => {
  const { fleet } = system
  await fleet.stopChef()

  const { exit, view } = await deploy(system, '1.0.0')

  await fleet.startChef()
  expect(view!.deployment.state).toMatchObject({
    status: 'failed',
    failure: {
      code: 'INVENTORY_UNREACHABLE',
      message: expect.stringContaining(new URL(fleet.chef.url).host) as string,
    },
  })
  expect(exit).toBe(1)
  expect(await untruths(fleet, view!)).toEqual([])
})

test('a host refuses SSH: it is unreachable and keeps its traffic, and the others are not started', async () => {
  const { fleet } = system
  await fleet.stopSshd('web-1')

  const { exit, stdout, view } = await deploy(system, '1.0.0')

  await fleet.startSshd('web-1')
  expect(ends(view!)).toEqual([
    'web-1 unreachable untouched SSH_REFUSED',
    'web-2 pending',
    'web-3 pending',
    'web-4 pending',
  ])
  expect(stdout).toContain('web-1 ')
  expect(stdout).toContain('traffic untouched')
  expect(exit).toBe(1)
  expect(await untruths(fleet, view!)).toEqual([])
})

test.each([
  ['brings an artifact', []],
  ['runs commands', ['--set', 'changeset={strategy: command, commands: ["true"]}']],
])(
  'a host runs no scripts: a deployment that %s ends before its drain, and says what the host said',
  async (_, how) => {
    const { fleet } = system
    await fleet.stopSshd('web-1')
    await fleet.startSshd('web-1', ['ForceCommand echo "use the bastion"'])

    const { exit, view } = await deploy(system, '1.0.0', '--hosts', 'web-1', ...how)
    const doctor = await system.cli('doctor')

    await fleet.stopSshd('web-1')
    await fleet.startSshd('web-1')
    expect(ends(view!)).toEqual(['web-1 failed untouched SCRIPT_NOT_RUN'])
    expect(view!.hosts[0]).toMatchObject({
      state: { failure: { message: expect.stringContaining('use the bastion') as string } },
    })
    expect(exit).toBe(1)
    expect(doctor.stdout).toContain('web-1 did not run the script')
    expect(await untruths(fleet, view!)).toEqual([])
  },
)

test('sudo refuses the restart: the plan says so, and the host keeps its traffic', async () => {
  const { fleet } = system
  const service = 'service={restart: "sudo -n -u nobody-there /usr/bin/true"}'

  const target = [fleet.application, '-e', fleet.environment, '--version', '1.0.0', '--hosts', 'web-1']
  const plan = await system.cli('plan', ...target, '--set', service)
  const { exit, view } = await deploy(system, '1.0.0', '--hosts', 'web-1', '--set', service)

  const lack = 'web-1 cannot restart the service: sudo does not allow "-u nobody-there /usr/bin/true": '
  expect(plan.stdout).toContain(lack)
  expect(ends(view!)).toEqual(['web-1 failed untouched SUDO_REFUSED'])
  expect(exit).toBe(1)
  expect(await untruths(fleet, view!)).toEqual([])
})

test('an sshd forbids forwarding: the health check is made by a shell on the host, and its step says so', async () => {
  const { fleet } = system
  await fleet.stopSshd('web-1')
  await fleet.startSshd('web-1', ['AllowTcpForwarding no'])

  const { exit, view } = await deploy(system, '1.0.0', '--hosts', 'web-1')

  await fleet.stopSshd('web-1')
  await fleet.startSshd('web-1')
  expect(ends(view!)).toEqual(['web-1 succeeded restored'])
  expect(view!.hosts[0]!.steps.find(({ step }) => step === 'verify')).toMatchObject({
    note: expect.stringContaining('checked by a shell on the host, since its sshd forbids forwarding') as string,
  })
  expect(exit).toBe(0)
  expect(await untruths(fleet, view!)).toEqual([])
})

test('a host shows another key than Chef says: nothing is sent to it', async () => {
  const { fleet } = system
  const before = await fleet.updateNode('web-2', (node) => node)
  const other = await fleet.updateNode('web-3', (node) => node)
  await fleet.updateNode('web-2', (node) => withKeysOf(other, node))

  const { exit, view } = await deploy(system, '1.0.0', '--hosts', 'web-2')

  await fleet.updateNode('web-2', (node) => withKeysOf(before, node))
  expect(ends(view!)).toEqual(['web-2 unreachable untouched SSH_HOST_KEY_MISMATCH'])
  expect(exit).toBe(1)
  expect(await untruths(fleet, view!)).toEqual([])
})

test('the restart command fails: the host stays out of traffic until a good deployment brings it back', async () => {
  const failed = await deploy(
    system,
    '1.0.0',
    '--hosts',
    'web-3',
    '--set',
    'service.restart=echo no such unit >&2; exit 7',
  )

  expect(ends(failed.view!)).toEqual(['web-3 failed drained COMMAND_FAILED'])
  expect(failed.stdout).toContain('The command on web-3 ended with exit status 7: no such unit')
  expect(failed.exit).toBe(1)
  expect(await untruths(system.fleet, failed.view!)).toEqual([])

  const good = await deploy(system, '1.0.0', '--hosts', 'web-3')
  expect(good.exit).toBe(0)
  expect(ends(good.view!)).toEqual(['web-3 succeeded restored'])
  expect(await untruths(system.fleet, good.view!)).toEqual([])
})

test('a release never gets healthy: hosts in flight stay out of traffic, the others are not started', async () => {
  const failed = await deploy(system, '1.1.0', '--concurrency', '2')

  expect(ends(failed.view!)).toEqual([
    'web-1 failed drained HEALTH_CHECK_FAILED',
    'web-2 failed drained HEALTH_CHECK_FAILED',
    'web-3 pending',
    'web-4 pending',
  ])
  expect(failed.stdout).toContain('/healthz returned 503, expected 200')
  expect(failed.exit).toBe(1)
  expect(await untruths(system.fleet, failed.view!)).toEqual([])

  const good = await deploy(system, '1.0.0', '--concurrency', '2')
  expect(good.exit).toBe(0)
  expect(await untruths(system.fleet, good.view!)).toEqual([])
})

test('a release crashes on its start: the host stays out of traffic', async () => {
  const failed = await deploy(system, '1.2.0', '--hosts', 'web-4')

  expect(ends(failed.view!)).toEqual([expect.stringMatching(/^web-4 failed drained (COMMAND|HEALTH_CHECK)_FAILED$/)])
  expect(failed.exit).toBe(1)
  expect(await untruths(system.fleet, failed.view!)).toEqual([])

  const good = await deploy(system, '1.0.0', '--hosts', 'web-4')
  expect(good.exit).toBe(0)
  expect(await untruths(system.fleet, good.view!)).toEqual([])
})

/** How each host ended, in a line: name, status, traffic, why. */
function ends({ hosts }: DeploymentView): string[] {
  return hosts.map(({ target, state }) =>
    [
      target.name,
      state.status,
      ...('traffic' in state ? [state.traffic] : []),
      ...('failure' in state && state.failure ? [state.failure.code] : []),
    ].join(' '),
  )
}

function withKeysOf({ automatic: { keys } }: ChefNode, node: ChefNode): ChefNode {
  return { ...node, automatic: { ...node.automatic, keys } }
}
