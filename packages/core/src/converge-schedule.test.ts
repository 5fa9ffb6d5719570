import { ApplicationDefinition, type ConvergeRound } from '@vesemir/contract'
import { describe, expect, it } from 'vitest'
import { beginRound, forgetReplaced, nextRoundMs, noteBehind, noteSkipped, schedulesOf } from './converge-schedule.ts'

const startMs = Date.parse('2026-03-01T10:00:00.000Z')
const minuteMs = 60_000
const release = '1.4.2-60303ae2'

const behind = (...hosts: string[]) => ({
  release,
  only: { behind: hosts.map((host) => ({ host, why: 'runs 1.4.1' })), leftOut: [], upToDate: 1 },
  text: 'as the hosts said',
})

const minutesToNext = (round: ConvergeRound) => (nextRoundMs('15m', round) - Date.parse(round.at)) / minuteMs

/** Holds a round as soon as it is due, in which these hosts are behind. */
function follow(last: ConvergeRound | undefined, ...hosts: string[]): ConvergeRound {
  return noteBehind(beginRound('15m', last, Math.max(nextRoundMs('15m', last), startMs))!, behind(...hosts))
}

describe('a schedule', () => {
  it('is that of the environments that have one', () => {
    const environments = { production: { converge: { every: '15m' } }, staging: {} }
    const definition = ApplicationDefinition.parse({ name: 'payments', environments })

    expect(schedulesOf(definition)).toEqual([{ application: 'payments', environment: 'production', every: '15m' }])
  })

  it('has its first round at once, the next after its time, and makes up for none that was missed', () => {
    const first = beginRound('15m', undefined, startMs)!
    const early = beginRound('15m', first, startMs + 15 * minuteMs - 1)
    const late = beginRound('15m', first, startMs + 300 * minuteMs)!

    expect([first.at, early, late.at]).toEqual(['2026-03-01T10:00:00.000Z', undefined, '2026-03-01T15:00:00.000Z'])
    expect(minutesToNext(late)).toBe(15)
  })

  it('is not held up by a last round that a wrong clock put far ahead, and not hurried by clocks that differ a little', () => {
    const ahead = beginRound('15m', undefined, startMs + 365 * 1440 * minuteMs)!
    const another = beginRound('15m', undefined, startMs + 5 * minuteMs)!

    expect(beginRound('15m', ahead, startMs)).toMatchObject({ at: '2026-03-01T10:00:00.000Z' })
    expect(beginRound('1m', another, startMs)).toBeUndefined()
  })

  it('slows down while it finds a host behind again that it has deployed to, up to a round a day', () => {
    const rounds = [follow(undefined, 'web-1', 'web-2')]
    for (let count = 0; count < 9; count += 1) rounds.push(follow(rounds.at(-1), 'web-2'))

    expect(rounds.map(minutesToNext)).toEqual([15, 30, 60, 120, 240, 480, 960, 1440, 1440, 1440])
    expect(nextRoundMs('7d', { ...rounds.at(-1)!, at: '2026-03-01T10:00:00.000Z' })).toBe(startMs + 7 * 1440 * minuteMs)
  })

  it('slows down where hosts take turns in being behind: each was deployed to some rounds before', () => {
    const turns = ['web-1', 'web-2', 'web-3', 'web-1', 'web-2', 'web-3', 'web-1']
    const rounds: ConvergeRound[] = []
    for (const host of turns) rounds.push(follow(rounds.at(-1), host))

    expect(rounds.map(minutesToNext)).toEqual([15, 15, 15, 30, 60, 120, 240])
    expect(minutesToNext(follow(follow(rounds.at(-1)), 'web-2'))).toBe(15)
  })

  it('is as fast as before once other hosts are behind, none is, or another release should run', () => {
    const slow = follow(follow(undefined, 'web-2'), 'web-2')

    expect(minutesToNext(slow)).toBe(30)
    expect(minutesToNext(follow(slow, 'web-3'))).toBe(15)
    expect(minutesToNext(follow(slow))).toBe(15)
    expect(minutesToNext(forgetReplaced(slow, '1.4.3-11112222')!)).toBe(15)
    expect(minutesToNext(forgetReplaced(slow, release)!)).toBe(30)
  })

  it('still knows after a round that was skipped which hosts were behind', () => {
    const slow = follow(follow(undefined, 'web-2'), 'web-2')
    const skipped = noteSkipped(beginRound('15m', slow, nextRoundMs('15m', slow))!, { text: 'ada has locked payments' })

    expect(minutesToNext(skipped)).toBe(30)
    expect(minutesToNext(follow(skipped, 'web-2'))).toBe(60)
  })
})
