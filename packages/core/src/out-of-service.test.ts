import type { ServerState } from '@vesemir/contract'
import { aServer as anyServer } from '@vesemir/contract/testing'
import { expect, test } from 'vitest'
import { findOutOfService } from './out-of-service.ts'

const aServer = (server: string, given: Partial<ServerState> = {}) =>
  anyServer(server, { box: 'lb-1', backend: 'app', ...given })
const entryOf = (server: ServerState, deploymentId: string) => ({
  server,
  deploymentId,
  host: server.server,
  notedAt: '2026-03-01T15:04:00.000Z',
  weights: [],
})
const nothing = { entries: [], inProgress: new Set<string>() }

test('names each server that is out, what put it there as far as the journal knows, and what to do', () => {
  const left = aServer('web-1', { admin: 'maint' })
  const others = [aServer('web-2', { health: 'down' }), aServer('web-3', { admin: 'drain' }), aServer('web-4')]

  const found = findOutOfService([left, ...others], { ...nothing, entries: [entryOf(left, 'd-7')] })

  expect(found?.detail).toBe(
    '3 of 4 servers are out of service: lb-1 app/web-1 is in maint, left by d-7 (taken out at 2026-03-01T15:04:00.000Z); ' +
      'lb-1 app/web-2 is down; lb-1 app/web-3 is in drain, not by Vesemir',
  )
  expect(found?.hint).toContain('vesemir lb doctor')
  expect(found?.hint).toContain('vesemir retry d-7')
})

test('finds nothing amiss in what a deployment in progress has taken out', () => {
  const taken = aServer('web-1', { admin: 'maint' })

  const found = findOutOfService([taken, aServer('web-2')], {
    entries: [entryOf(taken, 'd-7')],
    inProgress: new Set(['d-7']),
  })

  expect(found).toBeUndefined()
})

test('counts a server of weight 0, and names only the first ten', () => {
  const servers = Array.from({ length: 12 }, (_, index) => aServer(`web-${index}`, { weight: 0 }))

  const found = findOutOfService(servers, nothing)

  expect(found?.detail).toContain('web-9 has weight 0; and 2 more')
  expect(found?.hint).toContain('Vesemir did not take them out')
})
