import type { StepName, Fact } from '@vesemir/contract'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findFailureCauses } from './find-failure-causes.ts'
import { normaliseReason } from './normalise-reason.ts'
import { done, failed, planned, queued, viewOf } from './testing/story.ts'

const none = new Set<string>()

describe('messages that differ only in what differs from host to host have the same reason', () => {
  const parts = fc.record({
    host: fc.stringMatching(/^[a-z]{2,8}(-[a-z0-9]{1,5}){1,2}(\.[a-z]{2,6}){0,2}$/),
    address: fc.oneof(fc.ipV4(), fc.ipV6()),
    hash: fc.stringMatching(/^[a-f][0-9a-f]{6,38}[0-9]$/),
    uuid: fc.uuid(),
    milliseconds: fc.nat(),
  })
  type Parts = typeof parts extends fc.Arbitrary<infer Value> ? Value : never
  const say = ({ host, address, hash, uuid, milliseconds }: Parts) =>
    `${host} was not healthy in ${milliseconds}s: job ${uuid} at ${address} (release 2.${milliseconds}.0-${hash}) on ${host}:8080.`

  test('of any host, address, hash and number', () => {
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const names = new Set([one.host, other.host])
        expect(normaliseReason(say(one), names)).toBe(normaliseReason(say(other), names))
      }),
    )
  })

  test('and a reason has nothing left to replace', () => {
    fc.assert(
      fc.property(parts, (one) => {
        const names = new Set([one.host])
        const reason = normaliseReason(say(one), names)
        expect(reason).toBe('HOST was not healthy in Ns: job HASH at ADDRESS (release N.N.N-HASH) on HOST.')
        expect(normaliseReason(reason, names)).toBe(reason)
      }),
    )
  })
})

test.for([
  ['/health returned 503, expected 200', '/health returned 503, expected 200'],
  ['sv restart exited with 137 on web-1', 'sv restart exited with 137 on web-N'],
  ['the added façade of decade 3', 'the added façade of decade N'],
  ['lb1/payments is down: L4CON in 12ms', 'lbN/payments is down: LNCON in Nms'],
])('a number that says what happened stays, and words stay: %s', ([message, reason]) => {
  expect(normaliseReason(message!, none)).toBe(reason)
})

const problem = (code: string, message: string) => ({ code, message, hint: 'Read its log.' })

function failing(host: string, { step, code, message }: { step: StepName; code: string; message: string }): Fact[] {
  return [
    { type: 'step.started', host, step },
    { type: 'step.ended', host, step, outcome: 'failed', durationMs: 1000, note: message },
    { type: 'host.ended', host, outcome: 'failed', traffic: 'drained', failure: problem(code, message) },
  ]
}

test('hosts are grouped by step, code and reason, most first, each with a sample', () => {
  const names = ['web-1', 'web-2', 'web-3', 'web-4', 'web-5', 'web-6']
  const unhealthy = (host: string) => ({
    step: 'verify' as const,
    code: 'HEALTH_CHECK_FAILED',
    message: `${host} was not healthy in 60s: /health returned 503, expected 200`,
  })
  const view = viewOf(
    queued(),
    planned(names),
    ...failing('web-1', { step: 'deploy', code: 'DISK_SPACE_LOW', message: 'web-1 has 12 MB left' }),
    ...failing('web-2', unhealthy('web-2')),
    ...failing('web-3', { ...unhealthy('web-3'), step: 'restore' }),
    ...failing('web-4', unhealthy('web-4')),
    ...done('web-5'),
    {
      type: 'host.ended',
      host: 'web-6',
      outcome: 'skipped',
      traffic: 'untouched',
      failure: problem('CANCELLED', 'cancelled by ada'),
    },
  )

  expect(findFailureCauses(view.hosts)).toMatchObject([
    {
      status: 'failed',
      step: 'verify',
      code: 'HEALTH_CHECK_FAILED',
      reason: 'HOST was not healthy in Ns: /health returned 503, expected 200',
      hosts: ['web-2', 'web-4'],
      sample: { host: 'web-2', failure: { message: unhealthy('web-2').message } },
    },
    { step: 'deploy', hosts: ['web-1'] },
    { step: 'restore', hosts: ['web-3'] },
    { status: 'skipped', code: 'CANCELLED', hosts: ['web-6'] },
  ])
})

test('a host that is being retried counts by its last attempt, after those that nobody retries', () => {
  const view = viewOf(
    queued(),
    planned(['web-1', 'web-2']),
    ...failing('web-1', { step: 'verify', code: 'HEALTH_CHECK_FAILED', message: 'web-1 was not healthy' }),
    ...failed('web-2'),
    { type: 'hosts.requeued', hosts: ['web-1'], intent: 'deploy', by: 'ada' },
    { type: 'step.started', host: 'web-1', step: 'connect' },
  )

  expect(findFailureCauses(view.hosts)).toMatchObject([
    { hosts: ['web-2'] },
    { hosts: ['web-1'], step: 'verify', isBeingRetried: true },
  ])
})

test('each failed host is in exactly one group, in whatever order the hosts come', () => {
  const ending = fc.record({
    step: fc.constantFrom<StepName>('connect', 'deploy', 'verify'),
    code: fc.constantFrom('HEALTH_CHECK_FAILED', 'COMMAND_FAILED'),
    message: fc.constantFrom('not healthy in 60s', 'not healthy in 61s', 'refused'),
    fails: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(ending, { maxLength: 12 }), fc.nat(), (endings, turn) => {
      const names = endings.map((_, index) => `web-${index}`)
      const facts = endings.flatMap((end, index) => (end.fails ? failing(names[index]!, end) : done(names[index]!)))
      const { hosts } = viewOf(queued(), planned(names), ...facts)
      const turned = [...hosts.slice(turn % (hosts.length + 1)), ...hosts.slice(0, turn % (hosts.length + 1))]

      const groups = findFailureCauses(hosts).map((cause) => cause.hosts)
      const turnedGroups = findFailureCauses(turned).map((cause) => cause.hosts)

      expect(groups.flat().sort()).toEqual(names.filter((_, index) => endings[index]!.fails).sort())
      const asSet = (all: string[][]) => new Set(all.map((group) => [...group].sort().join(' ')))
      expect(asSet(turnedGroups)).toEqual(asSet(groups))
      expect(groups.map(({ length }) => length)).toEqual(groups.map(({ length }) => length).sort((a, b) => b - a))
    }),
  )
})
