import { expect, it } from 'vitest'
import { createSessions } from './sessions.ts'
import { createTokens } from './tokens.ts'

const minuteMs = 60_000
const sha256 = 'a'.repeat(64)

function open({ sum = sha256, secret = 'secret' } = {}) {
  const clock = { nowMs: 1_000_000, now: () => clock.nowMs }
  const tokens = createTokens({ 'ada.b': { role: 'deployer', sha256: sum } })
  return { clock, tokens, sessions: createSessions({ tokens, secret, clock }) }
}

it('reads what it wrote, until an hour without a request is over', () => {
  const { clock, tokens, sessions } = open()
  const value = sessions.write(sessions.start(tokens.find('ada.b')!))

  expect(sessions.read(value)?.identity).toMatchObject({ name: 'ada.b', grants: [{ role: 'deployer' }] })
  clock.nowMs += 60 * minuteMs - 1
  expect(sessions.read(value)).toBeDefined()
  clock.nowMs += 1
  expect(sessions.read(value)).toBeUndefined()
})

it('renews in the second half of the hour, and never past twelve hours', () => {
  const { clock, tokens, sessions } = open()
  const start = sessions.start(tokens.find('ada.b')!)
  let session = start

  expect(sessions.renew(session)).toBeUndefined()
  for (let renewed: typeof start | undefined = session; renewed;) {
    session = renewed
    clock.nowMs = session.expiresMs - minuteMs
    renewed = sessions.renew(session)
  }

  expect(session.expiresMs - start.startedMs).toBe(12 * 60 * minuteMs)
})

it.each([
  ['a longer time', (value: string) => value.replace(/(\d+)(?=\.[\w-]+\.ada)/, (ms) => String(Number(ms) + 1))],
  ['another id', (value: string) => value.replace(/.(?=\.ada)/, (last) => (last === 'A' ? 'B' : 'A'))],
  ['another name', (value: string) => value.replace('ada.b', 'root')],
  ['another signature', (value: string) => `x${value.slice(1)}`],
  ['nothing', () => ''],
  ['a part', (value: string) => value.slice(0, 20)],
])('takes no cookie with %s', (_name, change) => {
  const { tokens, sessions } = open()
  const value = sessions.write(sessions.start(tokens.find('ada.b')!))

  expect(change(value)).not.toBe(value)
  expect(sessions.read(change(value))).toBeUndefined()
})

it('ends with the token that it was started with, and with the secret', () => {
  const { tokens, sessions } = open()
  const value = sessions.write(sessions.start(tokens.find('ada.b')!))

  expect(open({ sum: 'b'.repeat(64) }).sessions.read(value)).toBeUndefined()
  expect(open({ secret: 'other' }).sessions.read(value)).toBeUndefined()
  expect(open().sessions.read(value)).toBeDefined()
})
