import type { ServerRef, ServerState } from '@vesemir/contract'
import type { ServerWeight } from '@vesemir/core'
import { expect, test } from 'vitest'
import { completeSession } from './complete-session.ts'

const refOf = (server: string, backend = 'app'): ServerRef => ({ box: 'lb-1', backend, server })

/** A load balancer that can do no more than each must, and what was done to it. */
function aPlainSession() {
  const done: string[] = []
  const shown = (servers: readonly ServerRef[], state: Partial<ServerState> = {}) =>
    servers.map((server): ServerState => ({
      ...server,
      admin: 'ready',
      health: 'up',
      checked: false,
      weight: 100,
      initialWeight: 100,
      sessions: 0,
      ...state,
    }))
  const weigh = (how: string) => async (weights: readonly ServerWeight[]) => {
    done.push(`${how} ${weights.map(({ server, weight }) => `${server.server} ${weight}`).join(', ')}`)
    return shown(weights.map(({ server }) => server))
  }
  const session = completeSession({
    locate: async () => ({ hosts: [], missing: [] }),
    read: async (servers) => shown(servers),
    readPeers: async () => [
      ...shown([refOf('web-1'), refOf('web-2'), refOf('web-1', 'other')]),
      ...shown([refOf('web-3')], { admin: 'drain' }),
      ...shown([refOf('spare')], { backup: true }),
    ],
    async drain(servers) {
      done.push(`drain ${servers.map(({ server }) => server).join(', ')}`)
      return shown(servers, { admin: 'drain' })
    },
    admit: weigh('admit'),
    setWeights: weigh('weigh'),
    [Symbol.asyncDispose]: async () => {},
  })
  return { session, done }
}

test('a server is drained where it cannot be held, and weighed where no proof can be demanded', async () => {
  const { session, done } = aPlainSession()

  expect(await session.hold([refOf('web-1')])).toMatchObject([{ server: 'web-1', admin: 'drain' }])
  await session.demandProof([{ server: refOf('web-1'), weight: 50 }])

  expect(done).toEqual(['drain web-1', 'weigh web-1 50'])
})

test('servers in service are counted among all servers of the backend', async () => {
  const { session } = aPlainSession()

  expect(await session.readAmongPeers([refOf('web-1')])).toMatchObject([{ server: 'web-1', inService: 2 }])
})

test('sessions that cannot be cut fail the drain', async () => {
  const { session } = aPlainSession()

  await expect(session.cutSessions([refOf('web-1')])).rejects.toMatchObject({ code: 'DRAIN_TIMED_OUT' })
})

test('no reload is noticed, until nobody waits for one any more', async () => {
  const { session } = aPlainSession()
  const controller = new AbortController()
  const waiting = session.untilReloaded([refOf('web-1')], { noticeMs: 10, signal: controller.signal })

  controller.abort(new Error('over'))

  await expect(waiting).rejects.toThrow('over')
  expect(await session.readProcess('lb-1')).toBe(await session.readProcess('lb-1'))
})

test('what a load balancer can do is left to it', async () => {
  const { session } = aPlainSession()

  expect(await completeSession({ ...session, advise: async () => ['enable it'] }).advise()).toEqual(['enable it'])
})
