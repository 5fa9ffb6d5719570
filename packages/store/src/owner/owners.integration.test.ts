import { randomUUID } from 'node:crypto'
import type { HostRecord } from '@vesemir/contract'
import type { Owner } from '@vesemir/core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { createOwners } from './index.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const machine = { scope: 'machines/eu', name: '10.0.0.1 22' }
const appServer = { scope: 'servers/eu/lb-1/app', name: 'web-1' }
const apiServer = { scope: 'servers/eu/lb-1/api', name: 'web-1' }

const aWalk = (deploymentId: string, given: Partial<Owner> = {}): Owner => ({
  id: `${deploymentId}/web-1`,
  name: `${deploymentId} (payments)`,
  walk: { deploymentId, host: 'web-1', attempt: 1 },
  ...given,
})

/** Owners of their own, by records in which these deployments walk web-1. */
function someOwners(...walking: string[]) {
  const deployments = {
    walking: new Set(walking),
    readHost: async (id: string) =>
      (deployments.walking.has(id) ? { state: { status: 'running' } } : undefined) as HostRecord | undefined,
  }
  return { owners: createOwners(server.connect(), { prefix: randomUUID(), deployments }), deployments }
}

test('all is taken or nothing, and an owner may take its own again', async () => {
  const { owners } = someOwners('d-1', 'd-2')
  await owners.take([machine, appServer], aWalk('d-1'))

  expect(await owners.take([apiServer, machine], aWalk('d-2'))).toEqual(aWalk('d-1'))
  expect(await owners.find([machine, appServer, apiServer])).toEqual([aWalk('d-1'), aWalk('d-1'), undefined])

  const again = aWalk('d-1', { walk: { deploymentId: 'd-1', host: 'web-1', attempt: 2 } })
  expect(await owners.take([machine, apiServer], again)).toBeUndefined()
  expect(await owners.find([machine])).toEqual([again])
})

test('of many who want the same in different orders at once, one gets it, and nobody waits for ever', async () => {
  const ids = Array.from({ length: 20 }, (_, index) => `d-${index}`)
  const { owners } = someOwners(...ids)

  const others = await Promise.all(
    ids.map((id, index) => owners.take(index % 2 ? [machine, appServer] : [appServer, machine], aWalk(id))),
  )

  expect(others.filter((other) => other === undefined)).toHaveLength(1)
})

test('what is freed is free, and nobody frees what is another’s', async () => {
  const { owners } = someOwners('d-1', 'd-2')
  await owners.take([machine], aWalk('d-1'))

  await owners.free([machine], 'd-2/web-1')
  expect(await owners.find([machine])).toEqual([aWalk('d-1')])

  await owners.free([machine], 'd-1/web-1')
  expect(await owners.take([machine], aWalk('d-2'))).toBeUndefined()
})

test('an owner whose host is walked no more, or whose deployment is gone, is taken over and counts for nothing', async () => {
  const { owners, deployments } = someOwners('d-1', 'd-2')
  await owners.take([machine, appServer], aWalk('d-1', { minHealthy: 3 }))
  deployments.walking.delete('d-1')

  expect(await owners.find([machine])).toEqual([undefined])
  expect(await owners.listOthers([appServer.scope], 'd-2')).toEqual([[]])
  expect(await owners.take([machine], aWalk('d-2'))).toBeUndefined()
  expect(await owners.find([machine, appServer])).toEqual([aWalk('d-2'), undefined])
})

test('an owner without a record has what it took for its lifetime', async () => {
  const { owners } = someOwners('d-1')
  await owners.take([machine], { id: 'x', name: 'lb doctor', lifetimeMs: 300 })

  expect(await owners.take([machine], aWalk('d-1'))).toEqual({ id: 'x', name: 'lb doctor' })
  await vi.waitFor(async () => expect(await owners.take([machine], aWalk('d-1'))).toBeUndefined(), { timeout: 5000 })
})

test('what other deployments want of a backend is listed, once for each', async () => {
  const { owners } = someOwners('d-1', 'd-2')
  await owners.take([appServer], aWalk('d-1', { minHealthy: 3 }))
  const other = aWalk('d-1', { id: 'd-1/web-2', minHealthy: 3 })
  await owners.take([{ ...appServer, name: 'web-2' }], other)
  await owners.take([{ ...appServer, name: 'web-3' }], aWalk('d-2', { minHealthy: '50%' }))

  const [ofApp, ofApi] = await owners.listOthers([appServer.scope, apiServer.scope], 'd-2')

  expect(ofApp).toMatchObject([{ minHealthy: 3 }])
  expect(ofApi).toEqual([])
})
