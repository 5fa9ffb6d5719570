import { describe, expect, it } from 'vitest'
import { done, eventsOf, failed, momentOf, planned, queued, unhealthy } from '../testing/story.ts'
import { laneGroups } from './lane-groups.ts'
import { timelineOf } from './timeline-of.ts'

const at = (seq: number) => new Date(momentOf(seq)).toISOString()

describe('a timeline', () => {
  it('has a bar for each step of a host, with what it waited for', () => {
    const timeline = timelineOf(
      eventsOf(
        queued(),
        planned(['web-1']),
        { type: 'host.claimed', host: 'web-1', attempt: 1, worker: 'worker-1' },
        { type: 'step.started', host: 'web-1', step: 'guard' },
        { type: 'step.waiting', host: 'web-1', step: 'guard', waitingFor: 'web-2 to be back' },
        { type: 'step.waiting', host: 'web-1', step: 'guard', waitingFor: 'd-41, which works on this machine' },
        { type: 'step.ended', host: 'web-1', step: 'guard', outcome: 'succeeded', durationMs: 3000, note: '5 of 6' },
        { type: 'step.started', host: 'web-1', step: 'soak' },
        { type: 'step.waiting', host: 'web-1', step: 'soak', waitingFor: 'the degradation time' },
      ),
    )

    expect(timeline!.hosts).toEqual([
      {
        host: 'web-1',
        wave: 1,
        status: 'running',
        walks: 1,
        bars: [
          {
            step: 'guard',
            from: at(4),
            to: at(7),
            outcome: 'succeeded',
            intent: 'deploy',
            walk: 1,
            attempt: 1,
            note: '5 of 6',
            waits: [
              { from: at(5), to: at(6), waitingFor: 'web-2 to be back' },
              { from: at(6), to: at(7), waitingFor: 'd-41, which works on this machine', isLast: true },
            ],
          },
          { step: 'soak', from: at(8), outcome: 'running', intent: 'deploy', walk: 1, attempt: 1, waits: [] },
        ],
      },
    ])
    expect(timeline!.to).toBeUndefined()
  })

  it('has one wait where only its figures change', () => {
    const wait = (waitingFor: string) => ({ type: 'step.waiting', host: 'web-1', step: 'drain', waitingFor }) as const
    const timeline = timelineOf(
      eventsOf(
        queued(),
        planned(['web-1']),
        { type: 'step.started', host: 'web-1', step: 'drain' },
        wait('sessions to end: 4 on web-1'),
        wait('sessions to end: 2 on web-1'),
        wait('the release to come'),
        { type: 'step.ended', host: 'web-1', step: 'drain', outcome: 'succeeded', durationMs: 4000 },
      ),
    )

    expect(timeline!.hosts[0]!.bars[0]!.waits).toEqual([
      { from: at(4), to: at(6), waitingFor: 'sessions to end' },
      { from: at(6), to: at(7), waitingFor: 'the release to come', isLast: true },
    ])
  })

  it('says why a host failed that was to be walked again when its deployment was cancelled', () => {
    const timeline = timelineOf(
      eventsOf(
        queued(),
        planned(['web-1']),
        ...failed('web-1'),
        { type: 'hosts.requeued', hosts: ['web-1'], intent: 'deploy', by: 'ada' },
        { type: 'deployment.ended', outcome: 'cancelled', failure: { code: 'CANCELLED', message: 'cancelled by ada' } },
      ),
    )

    expect(timeline!.hosts).toMatchObject([{ status: 'failed', why: unhealthy.message, walks: 1 }])
  })

  it('tells the way back from the way there', () => {
    const timeline = timelineOf(
      eventsOf(
        queued(),
        { type: 'deployment.claimed', attempt: 1, worker: 'worker-1' },
        planned(['web-1']),
        ...failed('web-1'),
        { type: 'hosts.requeued', hosts: ['web-1'], intent: 'rollback', by: 'onFailure' },
      ),
    )

    expect(timeline!.phases.map(({ status, intent }) => [status, intent])).toEqual([
      ['queued', 'deploy'],
      ['planning', 'deploy'],
      ['running', 'deploy'],
      ['running', 'rollback'],
    ])
  })

  it('tells a retry and a worker that took over apart', () => {
    const timeline = timelineOf(
      eventsOf(
        queued(),
        planned(['web-1']),
        ...failed('web-1'),
        { type: 'hosts.requeued', hosts: ['web-1'], intent: 'rollback', by: 'ada' },
        { type: 'host.claimed', host: 'web-1', attempt: 2, worker: 'worker-1' },
        { type: 'step.started', host: 'web-1', step: 'drain' },
        { type: 'host.claimed', host: 'web-1', attempt: 3, worker: 'worker-2' },
        { type: 'step.started', host: 'web-1', step: 'drain' },
      ),
    )

    const [lane] = timeline!.hosts
    expect(lane).toMatchObject({ status: 'running', walks: 2 })
    expect(lane!.why).toBeUndefined()
    expect(
      lane!.bars.map(({ step, walk, attempt, outcome, intent }) => [step, walk, attempt, outcome, intent]),
    ).toEqual([
      ['verify', 1, 0, 'interrupted', 'deploy'],
      ['drain', 2, 2, 'interrupted', 'rollback'],
      ['drain', 2, 3, 'running', 'rollback'],
    ])
  })

  it('says why a host failed, and ends with the deployment', () => {
    const timeline = timelineOf(
      eventsOf(queued(), planned(['web-1']), ...failed('web-1'), {
        type: 'deployment.ended',
        outcome: 'failed',
        failure: { code: 'HOSTS_FAILED', message: 'hosts: 1 failed' },
      }),
    )

    expect(timeline).toMatchObject({ from: at(1), to: at(6), hosts: [{ status: 'failed', why: unhealthy.message }] })
  })

  it('has phases: the lock, the gate and the pause that it waited for, and a retry after its end', () => {
    const gate = { kind: 'approval' as const, afterWave: 1, until: at(900), approvals: 2 }
    const timeline = timelineOf(
      eventsOf(
        queued(),
        { type: 'deployment.waiting', waitingFor: 'the lock of ada' },
        { type: 'deployment.claimed', attempt: 1, worker: 'worker-1' },
        planned(['web-1'], ['web-2']),
        ...done('web-1'),
        { type: 'deployment.gated', gate },
        { type: 'gate.approved', by: 'bob', follows: 9 },
        { type: 'deployment.resumed', by: 'eve' },
        { type: 'deployment.paused', by: 'ada' },
        { type: 'deployment.ended', outcome: 'cancelled', failure: { code: 'CANCELLED', message: 'cancelled by ada' } },
        { type: 'deployment.commanded', command: { command: 'retry' }, by: 'ada' },
      ),
    )

    expect(timeline!.phases.map(({ status, from, to }) => [status, from, to])).toEqual([
      ['queued', at(1), at(2)],
      ['queued', at(2), at(3)],
      ['planning', at(3), at(4)],
      ['running', at(4), at(9)],
      ['gated', at(9), at(11)],
      ['running', at(11), at(12)],
      ['paused', at(12), at(13)],
      ['queued', at(14), undefined],
    ])
    expect(timeline!.phases[4]!.state).toMatchObject({ gate: { approvedBy: ['bob'] } })
  })

  it('has each run of a task; one whose worker died is cut where the next begins', () => {
    const timeline = timelineOf(
      eventsOf(
        queued(),
        planned(['web-1']),
        { type: 'task.started', task: 'migrate', on: 'web-1' },
        { type: 'task.logged', task: 'migrate', lines: [] },
        { type: 'task.started', task: 'migrate', on: 'web-1' },
        { type: 'task.ended', task: 'migrate', outcome: 'succeeded', durationMs: 1000, note: 'done' },
      ),
    )

    expect(timeline!.tasks).toEqual([
      { task: 'migrate', from: at(3), to: at(5), outcome: 'interrupted' },
      { task: 'migrate', from: at(5), to: at(6), outcome: 'succeeded', note: 'done' },
    ])
  })

  it('passes over what only a newer API knows, and needs a beginning', () => {
    const known = eventsOf(queued(), planned(['web-1']))
    const unknown = [
      { type: 'host.pondered', host: 'web-1', seq: 3, at: at(3) },
      { type: 'deployment.pondered', seq: 4, at: at(4) },
    ] as unknown as typeof known

    expect(timelineOf([...known, ...unknown])).toEqual(timelineOf(known))
    expect(timelineOf([])).toBeUndefined()
  })

  it('shows hosts that failed first, then wave by wave', () => {
    const timeline = timelineOf(
      eventsOf(queued(), planned(['web-1'], ['web-2', 'web-3']), ...done('web-1'), ...failed('web-3')),
    )

    expect(laneGroups(timeline!).map(({ wave, lanes }) => [wave, lanes.map(({ host }) => host)])).toEqual([
      [undefined, ['web-3']],
      [1, ['web-1']],
      [2, ['web-2']],
    ])
  })
})
