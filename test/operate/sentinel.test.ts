import type { DeploymentEvent } from '@vesemir/contract'
import { startSentinels, type RedisProcess, type Sentinels } from '@vesemir/testing/start-sentinels'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startLoad } from '../../infra/load/start-load.ts'
import { setByHand } from '../faults/set-by-hand.ts'
import { createRandom } from '../faults/random.ts'
import { startSystem, type System } from '../support/start-system.ts'
import { untruths } from '../support/untruths.ts'

/** `FIRST_SEED=1000 MOMENTS=20 vitest run --project operate test/operate/sentinel.test.ts` tries so many. */
const { FIRST_SEED = '1', MOMENTS = '2' } = process.env
const seeds = Array.from({ length: Number(MOMENTS) }, (_, index) => Number(FIRST_SEED) + index)

let sentinels: Sentinels
let system: System
beforeAll(async () => {
  sentinels = await startSentinels()
  await sentinels.ready()
  system = await startSystem({
    fleet: { hosts: 3 },
    redisSettings: sentinels.settings,
    workers: ['worker-1', 'worker-2'],
  })
})
afterAll(async () => {
  await system?.[Symbol.asyncDispose]()
  await sentinels?.[Symbol.asyncDispose]()
})

/** What becomes of the primary, and what makes it a replica afterwards. */
const losses = {
  killed: { strike: 'SIGKILL', back: (former: RedisProcess) => former.start() },
  'cut off': { strike: 'SIGSTOP', back: (former: RedisProcess) => former.signal('SIGCONT') },
} as const

test.each(seeds)(
  'the primary is lost in the middle of a deployment, seed %i: it ends, and no request fails',
  async (seed) => {
    const random = createRandom(seed)
    const { strike, back } = losses[random.pick<keyof typeof losses>(['killed', 'cut off'])]
    const moment = random.between(5, 45)
    const version = `1.0.${seed}`
    await system.release(version)
    const former = await sentinels.primary()
    await using load = startLoad({ urls: system.fleet.frontends, requestsPerSecond: 20 })
    const { application, environment } = system.fleet
    const { id } = await system.client.createDeployment({ application, environment, version })
    await until(id, ({ seq, type }) => seq >= moment || type === 'deployment.ended')

    await former.signal(strike)
    await sentinels.untilReplaced(former)
    await back(former)

    await until(id, ({ type }) => type === 'deployment.ended')
    const view = await system.client.getDeployment(id)
    expect(view.deployment.state.status).toBe('succeeded')
    expect(view.hosts.map(({ state }) => state.status)).toEqual(['succeeded', 'succeeded', 'succeeded'])
    expect(await untruths(system.fleet, view)).toEqual([])
    expect((await load.stop()).failures).toEqual({})
    await sentinels.ready()
  },
)

test('a fail-over that loses seconds: what Vesemir drained is walked again, and what a person drained stays theirs', async () => {
  const { fleet, client } = system
  const { application, environment } = fleet
  await system.release('2.0.0')
  const theirs = (await fleet.showServers()).filter(({ server }) => server === 'web-3')
  for (const server of theirs) await setByHand(fleet, server, 'state maint')
  const former = await sentinels.primary()
  const { loadBalancer } = await client.getApplication(application)
  const { id } = await client.createDeployment({
    application,
    environment,
    version: '2.0.0',
    acceptLowCapacity: true,
    loadBalancer: { ...loadBalancer!, ...({ minHealthy: 1 } as object) },
  })
  await until(id, isStarting('web-2', 'guard'))
  const kept = await pulseOf(former)

  const followAgain = await sentinels.cutOffReplica()
  await until(id, isStarting('web-2', 'restart'))
  await expect.poll(() => pulseOf(former), { timeout: 10_000 }).toBeGreaterThan(kept + 4)
  await former.signal('SIGKILL')
  const promoted = await sentinels.untilReplaced(former)
  await followAgain()
  await former.start()

  await until(id, ({ type }) => type === 'deployment.ended')
  const view = await client.getDeployment(id)
  expect(await promoted.connect().hget('vesemir:epoch', 'ordinal')).not.toBe('1')
  expect(view.hosts.map(({ target, state }) => [target.name, state.status])).toEqual([
    ['web-1', 'succeeded'],
    ['web-2', 'succeeded'],
    ['web-3', 'skipped'],
  ])
  expect(await untruths(fleet, view)).toEqual([])
  const out = (await fleet.showServers()).filter(({ adminState }) => adminState !== 0)
  expect(out.map(({ server }) => server)).toEqual(theirs.map(({ server }) => server))
})

function isStarting(host: string, step: string): (event: DeploymentEvent) => boolean {
  return (event) => event.type === 'step.started' && event.host === host && event.step === step
}

async function pulseOf(redis: RedisProcess): Promise<number> {
  return Number(await redis.connect().hget('vesemir:epoch', 'pulse'))
}

/** Waits for an event, also where the deployment is followed over a fail-over; in vain, it says which came. */
async function until(id: string, isMeant: (event: DeploymentEvent) => boolean): Promise<void> {
  const seen: string[] = []
  try {
    for await (const item of system.client.followEvents(id, { signal: AbortSignal.timeout(90_000) })) {
      if (!('kind' in item) && isMeant(item)) return
      seen.push('kind' in item ? item.kind : [item.seq, item.type, 'host' in item ? item.host : ''].join(' '))
    }
  } catch (cause) {
    throw new Error(`the events of ${id} end with ${seen.slice(-12).join(', ')}`, { cause })
  }
  throw new Error(`${id} has ended without it: ${seen.slice(-12).join(', ')}`)
}
