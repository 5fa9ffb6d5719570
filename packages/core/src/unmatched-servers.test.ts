import type { DeploymentSpec, ServerState } from '@vesemir/contract'
import { aServer as aReadyServer, aSpec } from '@vesemir/contract/testing'
import { expect, test } from 'vitest'
import { warnOfUnmatchedServers } from './unmatched-servers.ts'

const aServer = (server: string, given: Partial<ServerState> = {}): ServerState => ({
  ...aReadyServer(server),
  endpoint: { address: '10.0.0.9', port: 80 },
  ...given,
})
const own = aServer('web-1')
const warnings = (peers: ServerState[], changes: Partial<DeploymentSpec> = {}) =>
  warnOfUnmatchedServers({ ...aSpec({}), ...changes }, { servers: [own], peers: [own, ...peers] })

test('a server of the backend without a host in the inventory is said in the plan', () => {
  const down = aServer('web-8', { health: 'down' })

  expect(warnings([aServer('web-9'), down])).toEqual([
    'servers without a host in the inventory keep their version: lb1 web/web-9 (10.0.0.9:80), lb1 web/web-8 (10.0.0.9:80)',
  ])
  expect(warnings([])).toEqual([])
})

test('the plan is refused where the settings say so, with the servers', () => {
  expect(() => warnings([aServer('web-9')], { unmatchedServers: 'refuse' })).toThrow('lb1 web/web-9')
  expect(warnings([], { unmatchedServers: 'refuse' })).toEqual([])
})

test.for<[string, ServerState]>([
  ['a backup', aServer('sorry', { backup: true })],
  ['a server in maintenance', aServer('web-9', { admin: 'maint' })],
  ['a slot without an address', aServer('srv-9', { endpoint: { address: '', port: 0 } })],
])('%s gets no traffic and needs no host', ([, server]) => {
  expect(warnings([server], { unmatchedServers: 'refuse' })).toEqual([])
})

test('a deployment to hosts that its request chose passes over the others on purpose', () => {
  expect(warnings([aServer('web-9')], { partial: true, unmatchedServers: 'refuse' })).toEqual([])
})
