import type { ServerState } from '@vesemir/contract'
import { describe, expect, test } from 'vitest'
import { capacityLack } from './capacity.ts'

const aServer = (server: string, given: Partial<ServerState> = {}): ServerState => ({
  box: 'lb1',
  backend: 'app',
  server,
  admin: 'ready',
  health: 'up',
  checked: true,
  weight: 100,
  initialWeight: 100,
  sessions: 0,
  ...given,
})
const backup = (server: string) => aServer(server, { backup: true })

describe('a backend that is to spare a server', () => {
  test.for([
    ['others in service', [aServer('web-1'), aServer('web-2')]],
    ['a backup that would step in', [aServer('web-1'), backup('web-2')]],
  ] as const)('can, with %s', ([, peers]) => {
    expect(capacityLack([peers[0]], { peers, minHealthy: 1 })).toBeUndefined()
  })

  test.for([
    ['no other', [aServer('web-1')], '0 of 1'],
    ['others at weight 0', [aServer('web-1'), aServer('web-2', { weight: 0 })], '0 of 2'],
    ['others drained', [aServer('web-1'), aServer('web-2', { admin: 'drain' })], '0 of 2'],
    ['backups beside others', [aServer('web-1'), aServer('web-2'), backup('web-3')], '1 of 2'],
    ['several backups, of which one steps in', [aServer('web-1'), backup('web-2'), backup('web-3')], '1 of 1'],
  ] as const)('cannot, with %s', ([, peers, left]) => {
    const lack = capacityLack([peers[0]], { peers, minHealthy: 2 })

    expect(lack).toBe(`${left} servers of app on lb1 would stay in service, 2 needed`)
  })

  test('spares a backup for nothing while others serve', () => {
    const peers = [backup('web-1'), aServer('web-2')]

    expect(capacityLack([peers[0]!], { peers, minHealthy: 5 })).toBeUndefined()
  })

  test('needs a percentage of the servers that are no backups', () => {
    const peers = [aServer('web-1'), aServer('web-2'), aServer('web-3'), backup('web-4')]

    expect(capacityLack([peers[0]!], { peers, minHealthy: '67%' })).toContain('2 of 3 servers of app on lb1 would stay')
  })
})
