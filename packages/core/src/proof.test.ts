import type { ServerState } from '@vesemir/contract'
import { aServer as anyServer } from '@vesemir/contract/testing'
import { expect, test } from 'vitest'
import { untilProven } from './proof.ts'
import { FakeClock } from './testing/fake-clock.ts'

const timeoutMs = 10_000

const aServer = (server: string, given: Partial<ServerState> = {}) =>
  anyServer(server, { box: 'lb-1', backend: 'app', admin: 'drain', ...given })

/** A server whose checks pass at these moments, of which it needs three; none is passed before. */
function aCheckedServer(clock: FakeClock, passesAtMs: readonly number[], server = 'web-1'): () => ServerState {
  return () => {
    const passed = passesAtMs.filter((atMs) => atMs <= clock.elapsedMs).length
    const isDown = passed < 3
    return aServer(server, isDown ? { health: 'down', proof: { passed, needed: 3, lastCheck: 'L7OK 200' } } : {})
  }
}

function wait(clock: FakeClock, servers: readonly (() => ServerState)[]): Promise<void> {
  const { signal } = new AbortController()
  return clock.run(untilProven(async () => servers.map((show) => show()), { clock, timeoutMs, signal }))
}

const unhealthy = (words: string) => ({
  code: 'SERVER_UNHEALTHY',
  message: expect.stringContaining(words) as string,
})

test('each check that passes has the whole time again, on every box', async () => {
  const clock = new FakeClock()

  await wait(clock, [
    aCheckedServer(clock, [1000, 2000, 3000]),
    aCheckedServer(clock, [9000, 18_000, 27_000], 'web-2'),
    () => aServer('unchecked', { checked: false, health: 'down' }),
  ])

  expect(clock.elapsedMs).toBeGreaterThanOrEqual(27_000)
})

test('checks that are too rare for the time are named, with the setting to raise', async () => {
  const clock = new FakeClock()

  const waiting = wait(clock, [aCheckedServer(clock, [1000, 2000, 30_000])])

  const words =
    'web-1 is down, 2 of 3 checks passed, and no further check ended within 10 s: raise loadBalancer.healthy'
  await expect(waiting).rejects.toMatchObject(unhealthy(words))
})

test('a check that passes now and then does not prolong the wait for ever', async () => {
  const clock = new FakeClock()
  const flapping = () => {
    const passed = Math.floor(clock.elapsedMs / 1000) % 2
    return aServer('web-1', { health: 'down', proof: { passed, needed: 3, lastCheck: 'L7STS 503' } })
  }

  await expect(wait(clock, [flapping])).rejects.toMatchObject(unhealthy('its last check ended with L7STS 503'))

  expect(clock.elapsedMs).toBeLessThan(3 * timeoutMs)
})

test.for([
  [{ passed: 0, needed: 3, lastCheck: 'L7STS 503' }, '0 of 3 checks passed; its last check ended with L7STS 503'],
  [{ passed: 0, needed: 3, lastCheck: 'INI' }, 'no further check ended'],
  [undefined, 'lb-1 app/web-1 is down'],
] as const)('a server that stays down at %j is told as such', async ([proof, words]) => {
  const waiting = wait(new FakeClock(), [() => aServer('web-1', { health: 'down', proof })])

  await expect(waiting).rejects.toMatchObject(unhealthy(words))
})
