import type { HostRecord } from '@vesemir/contract'
import { aBalancedSpec } from '@vesemir/contract/testing'
import { describe, expect, test } from 'vitest'
import { createJudge } from './judge.ts'
import type { Side } from './peers/side.ts'
import type { ServerFigures } from './ports/load-balancer.ts'
import { FakeClock } from './testing/fake-clock.ts'
import { serverFigures } from './testing/server-figures.ts'
import { SimulatedFleet } from './testing/simulated-fleet.ts'
import { SimulatedWorkers } from './testing/simulated-workers.ts'
import type { Walk } from './walk.ts'

const maxRegression = { serverErrors: '10%', minRequests: 50 }

/** Rolls out to four hosts, one by one; the new version fails a fifth of its requests from when so many hosts have it. */
async function rollOut({
  failsAfter,
}: {
  failsAfter: number
}): Promise<{ hosts: HostRecord[]; soaks: (string | undefined)[] }> {
  const clock = new FakeClock()
  const fleet = new SimulatedFleet(clock, { hosts: 4 })
  const loadBalancer = { minHealthy: 1, degradationTime: '20s', maxRegression }
  const workers = new SimulatedWorkers(clock, fleet, aBalancedSpec({ concurrency: 1, loadBalancer }))
  const countDown = (left: number) =>
    workers.onFirst('host.ended', () => {
      if (left > 1) return countDown(left - 1)
      for (const { name } of fleet.targets) fleet.errorShares.set(name, 0.2)
    })
  countDown(failsAfter)
  await clock.run(workers.runToTheEnd())
  const soaks = workers.events.flatMap((event) =>
    event.type === 'step.ended' && event.step === 'soak' ? [event.note] : [],
  )
  return { hosts: workers.view.hosts, soaks }
}

describe('a watched host of a later wave', () => {
  test('is compared with servers of the old version, not with those that are updated already', async () => {
    const { hosts } = await rollOut({ failsAfter: 2 })

    const failed = hosts.filter(({ state }) => state.status === 'failed')
    expect(failed).toMatchObject([{ state: { failure: { code: 'SERVER_WORSE' } } }])
    expect(failed[0]!.state).toHaveProperty('failure.message', expect.stringMatching(/5xx, peers 0\.0%$/))
  })

  test('is compared with nothing once all others are updated, and says so', async () => {
    const { hosts, soaks } = await rollOut({ failsAfter: 3 })

    expect(hosts.map(({ state }) => state.status)).toEqual(Array.from({ length: 4 }, () => 'succeeded'))
    expect(soaks.map((note) => note?.split('; ')[1])).toEqual([
      undefined,
      undefined,
      undefined,
      'no server of the old version in service to compare with',
    ])
  })
})

describe('the judge', () => {
  const server = { box: 'lb1', backend: 'app', server: 'web-1' }
  type Look = Partial<ServerFigures>

  /** Looks so many times, at the host and at others by the side that each is on at first. */
  async function judgeAll(looks: Record<string, Look>[], sides: Record<string, Side>) {
    const left = [...looks]
    const walk = {
      traffic: { maxRegression },
      servers: [server],
      readSides:
        async () =>
        ({ server: name }: { server: string }) =>
          sides[name],
      balancer: {
        readFigures: async () => Object.entries(left.shift()!).map(([name, look]) => serverFigures(name, look)),
      },
    }
    const judge = createJudge(walk as unknown as Walk)
    const said: (string | undefined)[] = []
    for (const _ of looks) said.push(await judge.judge())
    return { said: said.at(-1), hadNoPeers: judge.hadNoPeers }
  }
  const bad = { requests: 100, serverErrors: 50 }
  const good = { requests: 100 }

  test.for([
    [
      'an old server that answers',
      'peer',
      [{}, {}, good],
      'lb1 app/web-1 performs worse than its peers: 50.0% of requests answered 5xx, peers 0.0%',
    ],
    ['an updated server', 'updated', [{}, {}, good], undefined],
    [
      'an old server that has left since: it may be updated when it is back',
      'peer',
      [{}, { inService: false }, good],
      undefined,
    ],
    ['an old server that was never in service', 'peer', [{ inService: false }, {}, good], undefined],
  ] as const)('compares with %s: %s', async ([, side, looks, said]) => {
    const own = [{}, {}, bad]
    const both = looks.map((look, index) => ({ 'web-1': own[index]!, 'web-2': look }))

    expect((await judgeAll(both, { 'web-1': 'updated', 'web-2': side })).said).toBe(said)
  })

  test('says that there was nothing to compare with only where no look had a peer', async () => {
    const alone = await judgeAll([{ 'web-1': {}, 'web-2': {} }], { 'web-2': 'updated' })
    const left = await judgeAll(
      [
        { 'web-1': {}, 'web-2': {} },
        { 'web-1': {}, 'web-2': { inService: false } },
      ],
      { 'web-2': 'peer' },
    )

    expect([alone.hadNoPeers, left.hadNoPeers]).toEqual([true, false])
  })
})
