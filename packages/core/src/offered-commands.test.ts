import { expect, test } from 'vitest'
import { done, failed, planned, queued, unhealthy, viewOf } from './testing/story.ts'
import { canRetry, hostsToRetry, possibleCommands } from './offered-commands.ts'

const until = '2026-03-02T15:04:00.000Z'
const wave1 = [queued(), planned(['web-1'], ['web-2']), ...done('web-1')] as const

test('offers what the state allows and makes sense of', () => {
  const running = viewOf(...wave1)
  const gated = viewOf(...wave1, { type: 'deployment.gated', gate: { kind: 'approval', afterWave: 1, until } })
  const paused = viewOf(...wave1, { type: 'deployment.paused', by: 'ada' })
  const ended = viewOf(...wave1, ...done('web-2'), { type: 'deployment.ended', outcome: 'succeeded' })

  expect(possibleCommands(running)).toEqual(['pause', 'rollback', 'cancel'])
  expect(possibleCommands(gated)).toEqual(['approve', 'reject', 'rollback', 'cancel'])
  expect(possibleCommands(paused)).toEqual(['resume', 'rollback', 'cancel'])
  expect(possibleCommands(ended)).toEqual(['rollback'])
})

test('offers no command twice: one that is being carried out is waited for', () => {
  const view = viewOf(...wave1, { type: 'deployment.commanded', by: 'ada', command: { command: 'pause' } })

  expect(possibleCommands(view)).not.toContain('pause')
})

test('a retry is about failed hosts, and at the end about those that had no turn', () => {
  const running = viewOf(queued(), planned(['web-1', 'web-2', 'web-3']), ...failed('web-1'), ...done('web-2'))
  const ended = viewOf(queued(), planned(['web-1', 'web-2', 'web-3']), ...failed('web-1'), ...done('web-2'), {
    type: 'deployment.ended',
    outcome: 'failed',
    failure: unhealthy,
  })
  const names = (view: typeof ended) => hostsToRetry(view).map(({ target }) => target.name)

  expect(names(running)).toEqual(['web-1'])
  expect(names(ended)).toEqual(['web-1', 'web-3'])
  expect(canRetry(ended.deployment, 'web-1')).toBe(true)
})
