import { ApiError, type Client, type DeploymentEvent, type DeploymentView } from '@vesemir/contract'
import { applyEvent } from '@vesemir/core'
import { expect, onTestFinished, test, vi } from 'vitest'
import { done, eventsOf, planned, queued } from '@vesemir/core/testing'
import { LiveDeployment } from './live-deployment.ts'

const events = eventsOf(queued(), planned(['web-1', 'web-2']), ...done('web-1'), ...done('web-2'), {
  type: 'deployment.ended',
  outcome: 'succeeded',
})
const viewAfter = (count: number) => events.slice(0, count).reduce<DeploymentView | undefined>(applyEvent, undefined)!

test('shows the deployment at once, then its history as the log, then what happens', async () => {
  const asked: number[] = []
  const history = Promise.withResolvers<void>()
  await using watched = watch({
    getDeployment: async () => viewAfter(4),
    async *followEvents(_id, { after = 0 } = {}) {
      asked.push(after)
      await history.promise
      yield* events.slice(after)
    },
  })

  await watched.until(({ view }) => view?.cursor === 4)
  history.resolve()
  await watched.until(({ view }) => view?.deployment.state.status === 'succeeded')

  expect(asked[0]).toBe(0)
  expect(watched.live.read()).toMatchObject({ view: viewAfter(events.length), isCaughtUp: true })
  expect(watched.live.log.at(0)?.text).toContain('payments 2.0.0')
})

test('many events are shown together, not one by one', async () => {
  await using watched = watch({
    getDeployment: async () => viewAfter(1),
    async *followEvents() {
      yield* events
    },
  })

  await watched.until(({ view }) => view?.deployment.state.status === 'succeeded')

  expect(watched.seen.length).toBeLessThan(4)
})

test('goes on from the last event that it has, when the API was away or an ended deployment is woken', async () => {
  const asked: number[] = []
  const parts = [events.slice(0, 4), 'away', events.slice(4)] as const
  await using watched = watch({
    getDeployment: async () => viewAfter(1),
    async *followEvents(_id, { after = 0 } = {}) {
      const part = parts[asked.length] ?? []
      asked.push(after)
      if (part === 'away') throw away()
      yield* part as DeploymentEvent[]
    },
  })

  await watched.until(({ view }) => view?.cursor === 4)
  watched.live.wake()
  await watched.until(({ connection }) => connection === 'lost')
  watched.live.reconnect()
  await watched.until(({ view, connection }) => view?.cursor === events.length && connection === 'live')

  expect(asked.slice(0, 3)).toEqual([0, 4, 4])
})

test('one that has ended is asked for another event, and followed again when it has one', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const followed: number[] = []
  const unlike: unknown[] = []
  const ended = { events: [], next: 4, trimmed: [], ended: true }
  await using watched = watch({
    getDeployment: async () => viewAfter(1),
    async *followEvents(_id, { after = 0 } = {}) {
      followed.push(after)
      yield* events.slice(after, after === 0 ? 4 : events.length)
    },
    async listEvents(_id, options = {}) {
      unlike.push(options.unlike)
      return unlike.length < 3 ? ended : { ...ended, events: events.slice(4, 5), next: 5, ended: false }
    },
  })

  await vi.advanceTimersByTimeAsync(14_900)
  expect([followed, unlike]).toEqual([[0], [undefined, ended]])
  await vi.advanceTimersByTimeAsync(200)

  expect([followed, unlike]).toEqual([
    [0, 4],
    [undefined, ended, ended],
  ])
  expect(watched.live.read().view?.deployment.state.status).toBe('succeeded')
})

test('says why it cannot be followed', async () => {
  const unknown = new ApiError({
    type: 'about:blank',
    title: 'No',
    status: 404,
    code: 'DEPLOYMENT_UNKNOWN',
    detail: 'no',
  })
  await using watched = watch({
    getDeployment: () => Promise.reject(unknown),
    async *followEvents() {},
  })

  await expect.poll(() => watched.live.read().error).toBe(unknown)
})

function away(): ApiError {
  return new ApiError({ type: 'about:blank', title: 'Away', status: 503, code: 'API_UNREACHABLE', detail: 'away' })
}

const noMore: Pick<Client, 'listEvents'> = {
  listEvents: async (_id, options) => ({ events: [], next: options?.after ?? 0, trimmed: [], ended: true }),
}

function watch(given: Pick<Client, 'getDeployment' | 'followEvents'> & Partial<Pick<Client, 'listEvents'>>) {
  const client = { ...noMore, ...given }
  const live = new LiveDeployment('d-42', { client, schedule: (show) => void setTimeout(show) })
  type State = ReturnType<typeof live.read>
  const seen: State[] = []
  live.subscribe(() => seen.push(live.read()))
  return {
    live,
    seen,
    until: (holds: (state: State) => boolean) => expect.poll(() => holds(live.read())).toBe(true),
    async [Symbol.asyncDispose]() {
      live[Symbol.dispose]()
    },
  }
}
