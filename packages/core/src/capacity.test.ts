import type { ServerState } from '@vesemir/contract'
import { aServer as anyServer } from '@vesemir/contract/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { capacityLack, countBySpares, countRemainders, describeRemainders } from './capacity.ts'
import { isInService } from './servers.ts'

const aServer = (server: string, given: Partial<ServerState> = {}) => anyServer(server, { backend: 'app', ...given })
const backup = (server: string) => aServer(server, { backup: true })

describe('a backend that is to spare a server', () => {
  test.for([
    ['others in service', [aServer('web-1'), aServer('web-2')]],
    ['a backup that would step in', [aServer('web-1'), backup('web-2')]],
  ] as const)('can, with %s', ([, peers]) => {
    expect(capacityLack([peers[0]], { peers, demands: () => [1] })).toBeUndefined()
  })

  test.for([
    ['no other', [aServer('web-1')], '0 of 1'],
    ['others at weight 0', [aServer('web-1'), aServer('web-2', { weight: 0 })], '0 of 2'],
    ['others drained', [aServer('web-1'), aServer('web-2', { admin: 'drain' })], '0 of 2'],
    ['backups beside others', [aServer('web-1'), aServer('web-2'), backup('web-3')], '1 of 2'],
    ['several backups, of which one steps in', [aServer('web-1'), backup('web-2'), backup('web-3')], '1 of 1'],
  ] as const)('cannot, with %s', ([, peers, left]) => {
    const lack = capacityLack([peers[0]], { peers, demands: () => [2] })

    expect(lack).toBe(`${left} servers of app on lb1 would stay in service, 2 needed`)
  })

  test('spares a backup for nothing while others serve', () => {
    const peers = [backup('web-1'), aServer('web-2')]

    expect(capacityLack([peers[0]!], { peers, demands: () => [5] })).toBeUndefined()
  })

  test('needs a percentage of the servers that are no backups', () => {
    const peers = [aServer('web-1'), aServer('web-2'), aServer('web-3'), backup('web-4')]

    expect(capacityLack([peers[0]!], { peers, demands: () => ['67%'] })).toContain(
      '2 of 3 servers of app on lb1 would stay',
    )
  })

  test('needs no percentage of the spare slots, but of those that a walk uses', () => {
    const spare = (server: string) => aServer(server, { admin: 'maint', spare: true })
    const peers = [aServer('web-1'), aServer('web-2'), spare('slot-3'), spare('slot-4'), spare('slot-5')]
    const needed = (given: { inHand?: ServerState[] }) =>
      countRemainders([peers[0]!], { peers, demands: () => ['50%'], ...given }).map(({ total, needed }) => [
        total,
        needed,
      ])

    expect(needed({})).toEqual([[2, 1]])
    expect(needed({ inHand: [peers[2]!] })).toEqual([[3, 2]])
  })
})

test('what several deployments demand of a backend is one budget: the most of it', () => {
  const peers = [aServer('web-1'), aServer('web-2'), aServer('web-3')]
  const own = [{ ...peers[0]!, inService: 3 }]
  const demands = () => [1, 3]

  expect(countRemainders(own, { peers, demands })).toMatchObject([{ left: 2, needed: 3 }])
  expect(countBySpares(own, demands)).toBeUndefined()
  expect(countBySpares(own, () => [1, 2])).toMatchObject([{ left: 2, needed: 2 }])
  expect(countBySpares(own, () => [1, '50%'])).toBeUndefined()
})

test('a server that is unsure is in service, and not counted on', () => {
  const peers = [aServer('web-1'), aServer('web-2'), aServer('web-3', { unconfirmed: true })]
  const isUnsure = (peer: ServerState) => peer.unconfirmed === true

  expect(countRemainders([peers[0]!], { peers, demands: () => [1], isUnsure })).toMatchObject([
    { left: 1, inService: 2, isFree: false },
  ])
  expect(countRemainders([peers[2]!], { peers, demands: () => [1], isUnsure })).toMatchObject([
    { left: 2, inService: 2, isFree: false },
  ])
})

describe('a server that is down', () => {
  const alone = (given: Partial<ServerState>) => [
    aServer('web-1', { health: 'down', ...given }),
    aServer('web-2', { admin: 'maint' }),
  ]

  test.for([0, 29])('for %i s counts as one that will be back: it is not spared for nothing', (downForSeconds) => {
    const peers = alone({ downForSeconds })

    expect(capacityLack([peers[0]!], { peers, demands: () => [1] })).toContain('0 of 2 servers of app on lb1')
  })

  test('for long is spared for nothing: a fleet that is all down can be deployed to', () => {
    const peers = alone({ downForSeconds: 30 })

    expect(capacityLack([peers[0]!], { peers, demands: () => [1] })).toBeUndefined()
  })
})

describe('the figures', () => {
  const remainder = { box: 'lb-1', backend: 'app', left: 5, total: 6, needed: 4, isFree: false }

  test.for([
    [[remainder, { ...remainder, box: 'lb-2' }], '5 of 6 stay in service on lb-1, 5 of 6 on lb-2; 4 needed'],
    [[{ ...remainder, total: undefined }], '5 stay in service on lb-1; 4 needed'],
    [
      [remainder, { ...remainder, backend: 'api', left: 3, total: 4, needed: 2 }],
      '5 of 6 stay in service in app on lb-1 (4 needed), 3 of 4 in api on lb-1 (2 needed)',
    ],
    [
      [remainder, { ...remainder, box: 'lb-2', isFree: true }],
      '5 of 6 stay in service on lb-1; 4 needed; gets no traffic on lb-2: costs nothing there',
    ],
    [[{ ...remainder, isFree: true }], 'gets no traffic on lb-1: costs nothing there'],
  ] as const)('of %j are %s', ([remainders, words]) => {
    expect(describeRemainders(remainders as never)).toBe(words)
  })
})

test('what is surely spared by the number of those in service is spared by a look at each of them', () => {
  const anyServer = fc.record({
    admin: fc.constantFrom('ready', 'drain', 'maint'),
    health: fc.constantFrom('up', 'starting', 'down', 'unproven'),
    weight: fc.constantFrom(0, 100),
    backup: fc.boolean(),
  })
  const anyBackend = fc.array(anyServer, { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(anyBackend, fc.nat({ max: 2 }), fc.nat({ max: 5 }), (given, mostOwn, minHealthy) => {
      const peers = given.map(({ backup, ...one }, index) =>
        aServer(`web-${index}`, { ...one, ...(backup ? { backup } : {}) }),
      )
      const inService = peers.filter((peer) => isInService(peer) && !peer.backup).length
      const own = peers.slice(0, mostOwn + 1).map((peer) => ({ ...peer, inService }))

      const demands = () => [minHealthy]
      const remainders = countBySpares(own, demands)
      fc.pre(remainders !== undefined)

      const [counted] = countRemainders(own, { peers, demands })
      expect(counted!.left).toBeGreaterThanOrEqual(remainders[0]!.left)
      expect(capacityLack(own, { peers, demands })).toBeUndefined()
    }),
  )
})
