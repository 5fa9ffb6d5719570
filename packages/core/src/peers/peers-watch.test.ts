import type { DeploymentEvent } from '@vesemir/contract'
import { aBalancedSpec } from '@vesemir/contract/testing'
import { expect, test } from 'vitest'
import { FakeClock } from '../testing/fake-clock.ts'
import { SimulatedFleet } from '../testing/simulated-fleet.ts'
import { SimulatedWorkers } from '../testing/simulated-workers.ts'
import { verdictOn } from './verdict-on.ts'

const limits = { serverErrors: '10%', minRequests: 50 }

interface Wanted {
  wait?: string
  gates?: { afterWave: number; wait: string }[]
  degradationTime?: string
  maxRegression?: object | undefined
}

function aRollout({ wait = '1m', degradationTime = '100ms', ...given }: Wanted = {}) {
  const clock = new FakeClock()
  const fleet = new SimulatedFleet(clock, { hosts: 4, boxes: 2 })
  const { gates, maxRegression } = { gates: [{ afterWave: 1, wait }], maxRegression: limits, ...given }
  const spec = aBalancedSpec({
    concurrency: [1, '50%'],
    loadBalancer: { minHealthy: 2, degradationTime, ...(maxRegression ? { maxRegression } : {}) },
    rollout: { gates },
  })
  return { clock, fleet, spec, workers: new SimulatedWorkers(clock, fleet, spec) }
}

const samplesOf = (events: readonly DeploymentEvent[]) => events.filter((event) => event.type === 'peers.compared')

test('a canary that answers 5xx at its gate is seen beside its peers, and what the judge would say', async () => {
  const { clock, fleet, workers, spec } = aRollout()
  fleet.errorShares.set('web-1', 0.2)

  await clock.run(workers.runToTheEnd())

  const samples = samplesOf(workers.events)
  expect(samples.length).toBeGreaterThanOrEqual(10)
  const [gated, resumed] = ['deployment.gated', 'deployment.resumed'].map(
    (type) => workers.events.find((event) => event.type === type)!.seq,
  )
  expect(samples.every(({ seq }) => seq > gated! && seq < resumed!)).toBe(true)
  expect(samples.map(({ begins }) => begins)).toEqual([true, ...samples.slice(1).map(() => undefined)])
  const { peers } = workers.view.deployment
  expect(peers!.samples).toBe(samples.length)
  expect(peers!.backends[0]).toMatchObject({ updated: { servers: 1 }, peers: { servers: 3, serverErrors: 0 } })
  const { loadBalancer } = spec
  const maxRegression = loadBalancer.kind === 'none' ? undefined : loadBalancer.maxRegression
  expect(verdictOn(peers!.backends[0]!, maxRegression)).toMatchObject({
    kind: 'worse',
    why: expect.stringMatching(/^(?:19|20|21)\.\d% of requests answered 5xx, peers 0\.0%$/),
  })
})

test('a watched canary is seen beside its peers, until no peer is left', async () => {
  const { clock, workers } = aRollout({ wait: '1s', degradationTime: '30s' })

  await clock.run(workers.runToTheEnd())

  const samples = samplesOf(workers.events)
  expect(samples.length).toBeGreaterThanOrEqual(4)
  const last = workers.events.find(
    (event) => event.type === 'step.started' && event.host === 'web-4' && event.step === 'drain',
  )!
  expect(samples.every(({ seq }) => seq < last.seq)).toBe(true)
  // The canary, then two more with it.
  expect(samples.filter(({ begins }) => begins).map(({ backends }) => backends[0]!.updated.servers)).toEqual([1, 3])
})

test('no box is asked where no gate is open, and no host is watched for long enough to see anything', async () => {
  const { clock, fleet, workers } = aRollout({ gates: [], degradationTime: '9s', maxRegression: undefined })

  await clock.run(workers.runToTheEnd())

  expect(samplesOf(workers.events)).toEqual([])
  // By the plan alone.
  expect(fleet.figuresRead).toBe(1)
})

test('boxes that do not answer hold up no gate', async () => {
  const { clock, fleet, workers } = aRollout({ wait: '30s' })
  workers.onFirst('deployment.gated', () => void fleet.silentBoxes.add('lb-1'))
  workers.onFirst('deployment.resumed', () => void fleet.silentBoxes.delete('lb-1'))

  await clock.run(workers.runToTheEnd())

  expect(samplesOf(workers.events)).toEqual([])
  expect(workers.view.deployment.state.status).toBe('succeeded')
})
