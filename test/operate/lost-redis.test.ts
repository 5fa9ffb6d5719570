import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../infra/fleet/wait-for.ts'
import { setByHand } from '../faults/set-by-hand.ts'
import { deploy } from '../support/deploy.ts'
import { startSystem, type System } from '../support/start-system.ts'

let system: System
beforeAll(async () => {
  system = await startSystem({ fleet: { hosts: 3 } })
})
afterAll(() => system?.[Symbol.asyncDispose]())

test('Redis comes back empty: the host that a deployment left out of rotation is walked by the next one', async () => {
  const { client, fleet } = system
  const definition = await client.getApplication(fleet.application)
  await system.release('1.0.0', { unhealthy: true })
  const { view: first } = await deploy(system, '1.0.0', '--max-failures', '0')
  const out = await heldOut()

  await forgetAll()
  await client.putApplication(definition)
  await system.release('2.0.0')
  const { view: second, exit } = await deploy(system, '2.0.0')

  expect(first!.deployment.state.status).toBe('failed')
  expect(out).not.toEqual([])
  expect(exit).toBe(0)
  expect(second!.hosts.map(({ state }) => state.status)).toEqual(['succeeded', 'succeeded', 'succeeded'])
  expect(Number(second!.deployment.id.slice(2))).toBeGreaterThan(Number(first!.deployment.id.slice(2)))
  expect(await heldOut()).toEqual([])
})

test('a server that a person took out is left to them, also when Redis has forgotten all', async () => {
  const { client, fleet } = system
  const definition = await client.getApplication(fleet.application)
  const theirs = (await fleet.showServers()).filter(({ server }) => server === 'web-2')
  for (const server of theirs) await setByHand(fleet, server, 'state maint')

  await forgetAll()
  await client.putApplication(definition)
  await system.release('3.0.0')
  const { view } = await deploy(system, '3.0.0')

  expect(view!.hosts.map(({ target, state }) => [target.name, state.status])).toContainEqual(['web-2', 'skipped'])
  expect(await heldOut()).toEqual(theirs.map(({ box }) => `${box} web-2`))
  for (const server of theirs) await setByHand(fleet, server, 'state ready')
})

test('Redis forgets all in the middle of a walk: recover shows what is out by the mark of its host, and puts it back', async () => {
  const { client, fleet } = system
  const { application, environment } = fleet
  const definition = await client.getApplication(application)
  await system.release('4.0.0')
  const { id } = await client.createDeployment({ application, environment, version: '4.0.0' })
  await untilRestart(id)

  process.kill(fleet.processes.find(({ name }) => name === 'worker-1')!.pid, 'SIGKILL')
  await forgetAll()
  await system.startWorker('worker-2')
  await client.putApplication(definition)
  const out = await heldOut()
  const shown = await system.cli('recover', application)
  const fixed = await system.cli('recover', application, '--yes')

  expect(out).toHaveLength(fleet.boxes.length)
  expect([shown.exit, shown.stdout]).toEqual([1, expect.stringContaining('left out by Vesemir')])
  expect([fixed.exit, fixed.stdout]).toEqual([0, expect.stringContaining('restored')])
  expect(await heldOut()).toEqual([])
  await expect(client.getDeployment(id)).rejects.toMatchObject({ code: 'DEPLOYMENT_LOST' })
})

/** Waits until a host is to be restarted, when it is out of rotation on all boxes. */
async function untilRestart(id: string): Promise<void> {
  for await (const item of system.client.followEvents(id, { signal: AbortSignal.timeout(60_000) }))
    if (!('kind' in item) && item.type === 'step.started' && item.step === 'restart') return
  throw new Error(`${id} ended before`)
}

/** The servers that are in drain or maintenance. */
async function heldOut(): Promise<string[]> {
  const servers = await system.fleet.showServers()
  return servers.filter(({ adminState }) => adminState !== 0).map(({ box, server }) => `${box} ${server}`)
}

/** Has Redis lose all that it holds, and waits until Vesemir has noticed. */
async function forgetAll(): Promise<void> {
  const redis = new Redis(system.fleet.redisUrl)
  try {
    await redis.flushall()
    await waitFor(async () => Number(await redis.hget('vesemir:epoch', 'ordinal')) > 1, {
      what: 'a new epoch has begun',
      timeoutMs: 10_000,
    })
  } finally {
    redis.disconnect()
  }
}
