import { expect, test } from 'vitest'
import { queued, viewOf } from '../testing/story.ts'
import { nextStepLines } from './next-steps.ts'

test.each([
  ['a version that was named', {}, 'vesemir deploy payments -e production --version 1.4.2 --only behind'],
  [
    'what should run',
    { converges: { deployment: 'd-1', release: '1.4.2' } },
    'vesemir converge payments -e production',
  ],
])('where a host could not be asked, %s is asked for again', (_, changes, command) => {
  const spec = { ...queued.spec, version: '1.4.2', ...changes }
  const leftOut = [{ host: 'web-3', why: 'web-3 refused the connection', isUnasked: true }]
  const view = viewOf([
    { ...queued, spec },
    { type: 'deployment.ended', outcome: 'succeeded', leftOut },
  ])

  const lines = nextStepLines(view).map((line) => line.map((part) => (typeof part === 'string' ? part : part.text)))

  expect(lines.map((parts) => parts.join('')).slice(2)).toEqual([
    `  ${command}  ask again the hosts that did not answer`,
  ])
})

test('where hosts were left out that failed before or lack a version of their own, says what to do about both', () => {
  const leftOut = [
    { host: 'web-3', why: 'failed in d-5: vesemir retry d-5', failedIn: 'd-5' },
    { host: 'web-4', why: 'should run 1.5.0', lacksOwn: true },
    { host: 'web-5', why: 'should run 1.5.0' },
  ]
  const view = viewOf([
    { ...queued, spec: { ...queued.spec, version: '1.4.2', converges: { deployment: 'd-1', release: '1.4.2' } } },
    { type: 'deployment.ended', outcome: 'succeeded', leftOut },
  ])

  const lines = nextStepLines(view).map((line) => line.map((part) => (typeof part === 'string' ? part : part.text)))

  expect(lines.map((parts) => parts.join('').trim().split(/ {2,}/)[0]).slice(2)).toEqual([
    'vesemir deploy payments -e production --version 1.4.2 --hosts web-3',
    'vesemir hosts payments -e production',
  ])
})

test.each([
  [
    'HOSTS_LEFT_OUT',
    { host: 'web-3', why: 'failed in d-5: vesemir retry d-5', failedIn: 'd-5' },
    'vesemir deploy payments -e production --version 1.4.2 --hosts web-3',
  ],
  [
    'HOSTS_UNASKED',
    { host: 'web-3', why: 'web-3 refused the connection', isUnasked: true },
    'vesemir converge payments -e production --host web-3',
  ],
])('where the only host is left out (%s), says what to do about it, and not to retry', (code, host, command) => {
  const converges = { deployment: 'd-1', release: '1.4.2' }
  const toOne = { version: '1.4.2', converges, partial: true as const, hosts: { only: ['web-3'] } }
  const failure = { code, message: `web-3 is left out: ${host.why}` }
  const view = viewOf([
    { ...queued, spec: { ...queued.spec, ...toOne } },
    { type: 'deployment.ended', outcome: 'failed', failure, leftOut: [host] },
  ])

  const lines = nextStepLines(view).map((line) => line.map((part) => (typeof part === 'string' ? part : part.text)))

  expect(lines.map((parts) => parts.join('').trim().split(/ {2,}/)[0]).slice(-1)).toEqual([command])
  expect(lines.flat().join('')).not.toContain('vesemir retry d-42')
})
