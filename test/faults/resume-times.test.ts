import type { DeploymentEvent } from '@vesemir/contract'
import { expect, test } from 'vitest'
import { resumeTimes } from './resume-times.ts'

const outage = { workers: ['w1'], atMs: 1_000, workerThereAtMs: 3_000 }

test('counts from when a worker was there to the claim by which the deployment and each of its hosts went on', () => {
  const events = [
    at(0, { type: 'deployment.claimed', attempt: 1, worker: 'w1' }),
    at(1, { type: 'host.claimed', host: 'web-1', attempt: 1, worker: 'w1' }),
    at(4_000, { type: 'host.claimed', host: 'web-1', attempt: 2, worker: 'w2' }),
    at(9_000, { type: 'deployment.claimed', attempt: 2, worker: 'w2' }),
  ]

  expect(resumeTimes(events, outage)).toEqual([6_000, 1_000])
})

test('leaves out what another worker had in hand, and what had ended', () => {
  const events = [
    at(0, { type: 'deployment.claimed', attempt: 1, worker: 'w2' }),
    at(1, { type: 'host.claimed', host: 'web-1', attempt: 1, worker: 'w1' }),
    at(2, { type: 'host.ended', host: 'web-1', outcome: 'succeeded', traffic: 'restored' }),
    at(3, { type: 'host.claimed', host: 'web-2', attempt: 1, worker: 'w2' }),
  ]

  expect(resumeTimes(events, outage)).toEqual([])
})

test('is endless for a host that nobody took up', () => {
  const events = [at(1, { type: 'host.claimed', host: 'web-1', attempt: 1, worker: 'w1' })]

  expect(resumeTimes(events, outage)).toEqual([Infinity])
})

type Fact<Event = DeploymentEvent> = Event extends unknown ? Omit<Event, 'seq' | 'at'> : never

function at(ms: number, fact: Fact): DeploymentEvent {
  return { ...fact, seq: ms + 1, at: new Date(ms).toISOString() } as DeploymentEvent
}
