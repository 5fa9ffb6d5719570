import type { ApplicationHost } from '@vesemir/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  describeNothingBehind,
  findBehind,
  findMissed,
  refuseMissed,
  warnOfLeftOut,
  type AskedHost,
  type FailedBefore,
  type HostAnswer,
} from './find-behind.ts'

const expected = { release: '1.4.2-9f86d081', version: '1.4.2', deployment: 'd-5' }
const at = '2026-03-01T15:04:00.000Z'
const mayRun = { release: '1.5.0-77aa77aa', version: '1.5.0', deployment: 'd-6', at }
const failedBefore = { deployment: 'd-6', command: 'vesemir retry d-6' }

function aKnownHost(release?: string, given: Partial<ApplicationHost> = {}): ApplicationHost {
  const version = release?.split('-')[0] ?? ''
  return {
    host: 'web-1',
    environment: 'production',
    ...(release === undefined ? {} : { runs: { release, version, deployment: 'd-5', at } }),
    wanted: { version: '1.4.2', deployment: 'd-5' },
    traffic: 'restored',
    ...given,
  }
}

function judge(answer: HostAnswer, known?: ApplicationHost, failed?: FailedBefore) {
  const { behind, leftOut, upToDate } = findBehind([{ host: 'web-1', answer, known, failed }], expected)
  return { behind: behind[0]?.why, leftOut: leftOut[0]?.why, upToDate }
}

describe('a host is behind', () => {
  it.each<[what: string, answer: HostAnswer, known: ApplicationHost | undefined, why: string]>([
    ['that is new', {}, undefined, 'nothing was deployed to it'],
    ['that was rebuilt', {}, aKnownHost('1.4.2-9f86d081'), 'has no release; 1.4.2 was deployed to it'],
    ['at another version', { current: '1.4.1-77aa77aa' }, aKnownHost('1.4.1-77aa77aa'), 'runs 1.4.1'],
    [
      'that someone changed',
      { current: '1.3.0-77aa77aa' },
      aKnownHost('1.4.2-9f86d081'),
      'runs 1.3.0; 1.4.2 was deployed to it',
    ],
    [
      'at the same version with other variables',
      { current: '1.4.2-77aa77aa' },
      aKnownHost('1.4.2-77aa77aa', { wanted: { version: '1.4.2', deployment: 'd-4' } }),
      'runs 1.4.2 with other contents or variables: 1.4.2-77aa77aa',
    ],
    [
      'out of rotation',
      { current: '1.4.2-9f86d081' },
      aKnownHost('1.4.2-9f86d081', { traffic: 'drained' }),
      'was left out of rotation',
    ],
    [
      'that may not have been restarted',
      { current: '1.4.2-9f86d081' },
      aKnownHost('1.4.2-9f86d081', { mayRun }),
      'may run 1.5.0, which d-6 began to deploy',
    ],
    [
      'that cannot say whether it was changed',
      { isSilent: true },
      aKnownHost('1.4.2-9f86d081', { mayRun: { ...mayRun, release: 'unknown', version: 'unknown' } }),
      'may run another version, which d-6 began to deploy',
    ],
    ['by the record, where it cannot say', { isSilent: true }, aKnownHost('1.4.1'), 'runs 1.4.1'],
  ])('%s', (_, answer, known, why) => {
    expect(judge(answer, known)).toEqual({ behind: why, leftOut: undefined, upToDate: 0 })
  })
})

it('takes the word of a host before the record', () => {
  expect(judge({ current: '1.4.2-9f86d081' }, aKnownHost('1.4.1-77aa77aa'))).toMatchObject({ upToDate: 1 })
})

describe('a host is left out, by name', () => {
  it.each<
    [
      what: string,
      answer: HostAnswer,
      known: ApplicationHost | undefined,
      failed: FailedBefore | undefined,
      why: string,
    ]
  >([
    ['that could not be asked', { unasked: 'web-1 refused the connection' }, undefined, undefined, 'web-1 refused'],
    [
      'that could not be asked whether it was changed',
      { unasked: 'web-1 refused the connection' },
      aKnownHost('1.4.2-9f86d081', { mayRun }),
      undefined,
      'web-1 refused the connection; may run 1.5.0, which d-6 began to deploy',
    ],
    [
      'that another deployment gave its own version',
      { current: '1.5.0-77aa77aa' },
      aKnownHost('1.5.0-77aa77aa', { wanted: { version: '1.5.0', deployment: 'd-9' } }),
      undefined,
      'should run 1.5.0, deployed by d-9 to some hosts',
    ],
    ['that failed last time', {}, undefined, failedBefore, 'failed in d-6: vesemir retry d-6'],
  ])('%s', (_, answer, known, failed, why) => {
    const found = judge(answer, known, failed)

    expect(found.behind).toBeUndefined()
    expect(found.leftOut).toContain(why)
  })

  it('in the sentence that nothing is behind', () => {
    const only = { behind: [], leftOut: [{ host: 'web-3', why: 'refused the connection' }], upToDate: 2 }

    expect(describeNothingBehind(only, '1.4.2')).toBe(
      'nothing is behind 1.4.2: 2 hosts run it; left out: web-3 (refused the connection)',
    )
  })
})

describe('a host that has a version of its own', () => {
  const wanted = { version: '1.5.0', deployment: 'd-9' }
  const own = (release?: string, given: Partial<ApplicationHost> = {}) => aKnownHost(release, { wanted, ...given })

  it.each<[what: string, answer: HostAnswer, known: ApplicationHost, missed: string[]]>([
    ['runs it', { current: '1.5.0-77aa77aa' }, own('1.5.0-77aa77aa'), []],
    ['runs it by the record', { isSilent: true }, own('1.5.0'), []],
    ['was rebuilt', {}, own('1.5.0-77aa77aa'), [', and has no release']],
    ['runs another', { current: '1.4.2-9f86d081' }, own('1.5.0-77aa77aa'), [', and runs 1.4.2']],
    [
      'may not have been restarted',
      { current: '1.5.0-77aa77aa' },
      own('1.5.0-77aa77aa', { mayRun: { ...mayRun, version: '1.6.0' } }),
      [', and may run 1.6.0'],
    ],
    [
      'gets no traffic',
      { current: '1.5.0-77aa77aa' },
      own('1.5.0-77aa77aa', { traffic: 'drained' }),
      [', and was left out of rotation'],
    ],
  ])('is missed only where it lacks it: %s', (_, answer, known, missed) => {
    const found = findBehind([{ host: 'web-1', answer, known }], expected)

    const why = 'should run 1.5.0, deployed by d-9 to some hosts'
    expect(findMissed(found).map((host) => host.why)).toEqual(missed.map((lack) => why + lack))
    expect(found.leftOut).toHaveLength(1)
  })
})

describe('where nothing is to be deployed', () => {
  const failed = { host: 'web-2', why: 'failed in d-6: vesemir retry d-6', failedIn: 'd-6' }
  const unasked = { host: 'web-3', why: 'web-3 refused the connection', isUnasked: true }
  const own = { host: 'web-4', why: 'should run 1.5.0, deployed by d-9 to some hosts' }

  it.each([
    [[failed], 'HOSTS_LEFT_OUT', 'web-2 is left out: failed in d-6: vesemir retry d-6'],
    [[unasked], 'HOSTS_UNASKED', 'web-3 is left out: web-3 refused the connection'],
    [[failed, unasked], 'HOSTS_UNASKED', 'no host is known to run 1.4.2; left out: web-2 (failed in d-6'],
    [[failed, own], 'HOSTS_LEFT_OUT', 'no host is known to run 1.4.2; left out: web-2 (failed in d-6'],
  ])('%j alone are refused as %s', (leftOut, code, said) => {
    const act = () => refuseMissed({ behind: [], leftOut, upToDate: 0 }, '1.4.2')

    expect(act).toThrow(expect.objectContaining({ code, message: expect.stringContaining(said) as string }))
  })

  it.each([
    [[own], 0],
    [[failed, unasked], 1],
    [[], 0],
  ])('%j with %d up to date are not', (leftOut, upToDate) => {
    expect(() => refuseMissed({ behind: [], leftOut, upToDate }, '1.4.2')).not.toThrow()
  })

  it('says of a host that failed before that not all run the version', () => {
    expect(describeNothingBehind({ behind: [], leftOut: [failed], upToDate: 1 }, '1.4.2')).toBe(
      'not all hosts are known to run 1.4.2: 1 host runs it; left out: web-2 (failed in d-6: vesemir retry d-6)',
    )
  })

  it('names ten hosts that are left out, and counts the others', () => {
    const leftOut = Array.from({ length: 13 }, (_, index) => ({ host: `web-${index}`, why: 'no answer' }))
    const only = { behind: [], leftOut, upToDate: 2 }

    expect(describeNothingBehind(only, '1.4.2')).toMatch(/, web-9 \(no answer\), 3 more$/)
    expect(warnOfLeftOut(only).slice(9)).toEqual(['web-9 is left out: no answer', '3 more hosts are left out'])
  })
})

it('remembers of a host that cannot be asked that it failed before', () => {
  const answer = { unasked: 'web-1 refused the connection' }

  const { leftOut } = findBehind([{ host: 'web-1', answer, known: undefined, failed: failedBefore }], expected)

  expect(leftOut).toMatchObject([{ isUnasked: true, failedIn: 'd-6' }])
})

it('puts every host into one list, and none that says the release and gets traffic among those behind', () => {
  const release = fc.constantFrom('1.4.2-9f86d081', '1.4.1-77aa77aa', undefined)
  const answer: fc.Arbitrary<HostAnswer> = fc.oneof(
    release.map((current) => (current === undefined ? {} : { current })),
    fc.constant({ isSilent: true }),
    fc.constant({ unasked: 'no answer' }),
  )
  const known = fc.option(
    fc
      .tuple(release, fc.constantFrom('restored' as const, 'drained' as const))
      .map(([release, traffic]) => aKnownHost(release, { traffic })),
    { nil: undefined },
  )
  const hosts = fc.array(fc.record({ answer, known, failed: fc.constantFrom(undefined, failedBefore) }))
  fc.assert(
    fc.property(hosts, (given) => {
      const asked: AskedHost[] = given.map((host, index) => ({ ...host, host: `web-${index}` }))

      const { behind, leftOut, upToDate } = findBehind(asked, expected)

      const named = [...behind, ...leftOut].map(({ host }) => host)
      expect(new Set(named).size).toBe(named.length)
      expect(named.length + upToDate).toBe(asked.length)
      const isRight = ({ answer, known, failed }: AskedHost) => {
        if ('unasked' in answer || failed !== undefined) return false
        if (answer.isSilent) return known?.runs?.release !== expected.release || known.traffic === 'drained'
        return answer.current !== expected.release || known?.traffic === 'drained'
      }
      expect(behind.map(({ host }) => host)).toEqual(asked.filter(isRight).map(({ host }) => host))
    }),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 500) },
  )
})
