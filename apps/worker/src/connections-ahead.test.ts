import type { HostTarget } from '@vesemir/contract'
import type { RemoteSession } from '@vesemir/core'
import type { Purpose } from '@vesemir/machines/remote-shell'
import { expect, test } from 'vitest'
import { ConnectionsAhead } from './connections-ahead.ts'

const purpose: Purpose = {
  name: 'deployment',
  deployment: 'd-1',
  application: 'payments',
  environment: 'production',
}
const target = { name: 'web-1', address: '192.0.2.1', port: 22, user: 'deploy', hostKeys: [] } satisfies HostTarget

/** Connects as often as it is asked to, and tells which of the connections are open. */
function aShell({ failures = 0 } = {}) {
  const open = new Set<number>()
  const loseAll: (() => void)[] = []
  let count = 0
  let passTime: () => void = () => {}
  const connect = async (_: HostTarget, signal?: AbortSignal): Promise<RemoteSession> => {
    const number = (count += 1)
    await Promise.resolve()
    signal?.throwIfAborted()
    if (number <= failures) throw new Error(`failure ${number}`)
    open.add(number)
    const { promise: closed, resolve } = Promise.withResolvers<void>()
    const lose = () => {
      open.delete(number)
      resolve()
    }
    loseAll.push(lose)
    const session = { target, closed, number, [Symbol.asyncDispose]: async () => lose() }
    return session as unknown as RemoteSession
  }
  const sleep = (_: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      passTime = resolve
      signal?.addEventListener('abort', () => reject(signal.reason as Error))
    })
  const ahead = new ConnectionsAhead(() => ({ connect }), { sleep } as ConstructorParameters<
    typeof ConnectionsAhead
  >[1])
  return {
    ahead,
    open,
    loseAll: () => loseAll.forEach((lose) => lose()),
    passTime: () => passTime(),
    connect: async (of = purpose) =>
      ((await ahead.for(of).connect(target)) as RemoteSession & { number: number }).number,
  }
}

const turns = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
}

test('a connection that was opened ahead is used once', async () => {
  const { ahead, connect } = aShell()

  ahead.prepare(target, purpose)
  ahead.prepare(target, purpose)

  expect([await connect(), await connect()]).toEqual([1, 2])
})

test('one that was opened for a deployment is not used for another', async () => {
  const { ahead, connect } = aShell()
  ahead.prepare(target, purpose)

  expect([await connect({ ...purpose, deployment: 'd-2' }), await connect()]).toEqual([2, 1])
})

test('one that failed is tried again', async () => {
  const { ahead, connect } = aShell({ failures: 1 })
  ahead.prepare(target, purpose)

  expect(await connect()).toBe(2)
})

test('one that was lost is opened again', async () => {
  const { ahead, connect, loseAll } = aShell()
  ahead.prepare(target, purpose)
  await turns()

  loseAll()
  await turns()

  expect(await connect()).toBe(2)
})

test('one that nobody uses is closed after a while, and with the worker', async () => {
  const { ahead, open, passTime } = aShell()
  ahead.prepare(target, purpose)
  await turns()

  passTime()
  await turns()
  const afterAWhile = [...open]
  ahead.prepare(target, purpose)
  await turns()
  const again = [...open]
  await ahead[Symbol.asyncDispose]()

  expect({ afterAWhile, again, atTheEnd: [...open] }).toEqual({ afterAWhile: [], again: [2], atTheEnd: [] })
})

test('whoever gives up waiting for one leaves none behind', async () => {
  const { ahead, open } = aShell()
  const controller = new AbortController()
  ahead.prepare(target, purpose)

  const connecting = ahead.for(purpose).connect(target, controller.signal)
  controller.abort(new Error('enough'))

  await expect(connecting).rejects.toThrow('enough')
  expect([...open]).toEqual([])
})
