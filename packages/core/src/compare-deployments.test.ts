import type { Fact } from '@vesemir/contract'
import { expect, test } from 'vitest'
import { compareDeployments } from './compare-deployments.ts'
import { done, failed, planned, queued, viewOf } from './testing/story.ts'

const ended: Fact = { type: 'deployment.ended', outcome: 'succeeded' }

function aView(changes: Parameters<typeof queued>[0], ...facts: Fact[]) {
  return viewOf(queued(changes), ...facts)
}

test('two deployments that are the same differ in nothing, and their steps took the same', () => {
  const view = aView({}, planned(['web-1']), ...done('web-1', 4000), ended)

  const { first, second, settings, hosts, steps } = compareDeployments(view, view)

  expect(first).toEqual(second)
  expect(first).toMatchObject({
    id: 'd-42',
    application: 'payments',
    environment: 'production',
    version: '2.0.0',
    release: '2.0.0-ab12',
    requestedBy: 'ada',
    status: 'succeeded',
  })
  expect([settings, hosts]).toEqual([[], []])
  expect(steps).toEqual([{ step: 'deploy', first: 4000, second: 4000 }])
})

test('settings that differ are named by path, and nothing else', () => {
  const first = aView({ version: '1.0.0', reason: 'one', concurrency: 1 })
  const second = aView({ version: '2.0.0', reason: 'two', concurrency: '50%', partial: true })

  expect(compareDeployments(first, second).settings).toEqual([
    { field: 'concurrency', first: 1, second: '50%' },
    { field: 'partial', second: true },
  ])
})

test('values that may hold a secret are hidden', () => {
  const secret = (word: string) => ({
    hooks: { beforeDrain: [`login ${word}`] },
    service: { restart: `restart ${word}` },
    variables: { LEVEL: word, [`OF_${word.toUpperCase()}`]: word },
  })

  const { settings } = compareDeployments(aView(secret('hunter1')), aView(secret('hunter2')))

  expect(settings).toEqual([
    { field: 'hooks.beforeDrain', first: '(hidden)', second: '(hidden)' },
    { field: 'service.restart', first: '(hidden)', second: '(hidden)' },
    { field: 'variables.LEVEL', first: '(hidden)', second: '(hidden)' },
    { field: 'variables.OF_HUNTER1', first: '(hidden)' },
    { field: 'variables.OF_HUNTER2', second: '(hidden)' },
  ])
})

test('a secret whose value changed under the same name differs', () => {
  const withSecret = (digest: string) => {
    const fact = planned(['web-1'])
    const plan = { ...fact.plan, secrets: { TOKEN: digest } }
    return aView({ variables: { TOKEN: { secret: 'payments-token' } } }, { ...fact, plan })
  }

  const { settings } = compareDeployments(withSecret('one'), withSecret('two'))

  expect(settings).toEqual([{ field: 'variables.TOKEN', first: '(hidden)', second: '(hidden)' }])
})

test('hosts are named whose outcome differs, or that are in one deployment alone', () => {
  const first = aView({}, planned(['web-1', 'web-2', 'web-3']), ...done('web-1'), ...done('web-2'), ...done('web-3'))
  const [begun, ...rest] = failed('web-1')
  const verified: Fact = { type: 'step.ended', host: 'web-1', step: 'verify', outcome: 'failed', durationMs: 60_000 }
  const second = aView({}, planned(['web-1', 'web-2', 'web-4']), begun!, verified, ...rest, ...done('web-2'))

  expect(compareDeployments(first, second).hosts).toEqual([
    {
      host: 'web-1',
      first: { status: 'succeeded' },
      second: { status: 'failed', step: 'verify', code: 'HEALTH_CHECK_FAILED' },
    },
    { host: 'web-3', first: { status: 'succeeded' } },
    { host: 'web-4', second: { status: 'pending' } },
  ])
})

test('steps are compared by the median of the hosts on which they succeeded', () => {
  const names = ['web-1', 'web-2', 'web-3']
  const walks = (...tookMs: number[]) => tookMs.flatMap((ms, index) => done(names[index]!, ms))
  const first = aView({}, planned(names), ...walks(9000, 1000, 2000))
  const second = aView({}, planned(names), ...walks(4000), ...failed('web-2'))

  expect(compareDeployments(first, second).steps).toEqual([{ step: 'deploy', first: 2000, second: 4000 }])
})

test('the time between its end and a retry is not part of how long a deployment took', () => {
  const { deployment, ...view } = aView({}, planned(['web-1']), ...done('web-1'), ended)
  const { durationMs } = compareDeployments({ deployment, ...view }, { deployment, ...view }).first
  const retried = { ...view, deployment: { ...deployment, idleMs: 2000 } }

  expect(compareDeployments(retried, retried).second.durationMs).toBe(durationMs! - 2000)
})
