import { aBalancedSpec } from '@vesemir/contract/testing'
import { expect, test } from 'vitest'
import { FakeClock } from './testing/fake-clock.ts'
import { SimulatedFleet, type Fault } from './testing/simulated-fleet.ts'
import { SimulatedWorkers } from './testing/simulated-workers.ts'

/** A deployment to three hosts of which two must serve; while web-1 is watched, a person takes web-3 out. */
function aRolloutAtItsLimit({ fault }: { fault?: Fault } = {}) {
  const clock = new FakeClock()
  const fleet = new SimulatedFleet(clock, { hosts: 3 })
  const loadBalancer = { minHealthy: 2, guardTimeout: '1m', weights: ['30%'], degradationTime: '10s' } as const
  const workers = new SimulatedWorkers(clock, fleet, aBalancedSpec({ loadBalancer: { ...loadBalancer } }))
  if (fault) fleet.machines.get('web-1')!.fault = fault
  const lineOf = (box: string, host: string) => fleet.lines.find(({ ref }) => ref.box === box && ref.server === host)!
  const setBack = (admin: 'ready' | 'maint') => {
    for (const box of ['lb-1', 'lb-2']) lineOf(box, 'web-3').admin = admin
  }
  let fewest = Infinity
  fleet.onInspect = () => {
    fewest = Math.min(fewest, fleet.lines.filter(({ ref, admin }) => ref.box === 'lb-1' && admin === 'ready').length)
  }
  workers.atStep('soak', () => setBack('maint'))
  const shown = () => ['lb-1', 'lb-2'].map((box) => `${lineOf(box, 'web-1').admin} ${lineOf(box, 'web-1').weight}`)
  return { clock, fleet, workers, lineOf, setBack, shown, fewestOnFirst: () => fewest }
}

test('a host that one box finds down is taken out there, and serves on where the other box cannot spare it', async () => {
  const { clock, workers, lineOf, shown, fewestOnFirst } = aRolloutAtItsLimit()
  workers.atStep('soak', () => (lineOf('lb-2', 'web-1').downSinceMs = Infinity))

  await clock.run(workers.runToTheEnd())

  expect(workers.host('web-1').state).toMatchObject({
    status: 'failed',
    traffic: 'partial',
    failure: {
      code: 'SERVER_UNHEALTHY',
      message: expect.stringContaining('left in service: 1 of 3 servers of app on lb-1') as string,
    },
  })
  expect(shown()).toEqual(['ready 100', 'maint 30'])
  expect(fewestOnFirst()).toBe(2)
  expect(workers.shared.journal.left).toMatchObject([{ server: { box: 'lb-2' } }])
})

test('a host that one box finds down is taken out everywhere once the other box can spare it', async () => {
  const { clock, workers, lineOf, setBack, shown } = aRolloutAtItsLimit()
  workers.atStep('soak', () => {
    lineOf('lb-2', 'web-1').downSinceMs = Infinity
    void clock.sleep(20_000).then(() => setBack('ready'))
  })

  await clock.run(workers.runToTheEnd())

  expect(workers.host('web-1').state).toMatchObject({ status: 'failed', traffic: 'drained' })
  expect(shown()).toEqual(['maint 30', 'maint 30'])
  expect(workers.shared.journal.left).toHaveLength(2)
})

test.for([true, false])(
  'maintenance that a person sets while a host waits to be taken out is theirs, whether it is spared (%s) or not',
  async (isSpared) => {
    const { clock, workers, lineOf, setBack } = aRolloutAtItsLimit({ fault: 'falls-back' })
    workers.atStep('soak', () => {
      void clock.sleep(20_000).then(() => {
        lineOf('lb-1', 'web-1').admin = 'maint'
        if (isSpared) setBack('ready')
      })
    })

    await clock.run(workers.runToTheEnd())

    const { journal } = workers.shared
    expect(workers.host('web-1').state).toMatchObject({ failure: { code: 'VERSION_CHANGED' } })
    expect(lineOf('lb-1', 'web-1').admin).toBe('maint')
    expect(lineOf('lb-2', 'web-1').admin).toBe(isSpared ? 'maint' : 'ready')
    expect(journal.entries.find(({ server }) => server.box === 'lb-1')).toMatchObject({ isHeldByPerson: true })
  },
)
