import { expect, it } from 'vitest'
import { createAccess } from './access-settings.ts'
import { createIdentities } from './identities.ts'
import { createSessions } from './sessions.ts'

const minuteMs = 60_000
const sha256 = 'a'.repeat(64)

function open({ sum = sha256, secret = 'secret' } = {}) {
  const clock = { nowMs: 1_000_000, now: () => clock.nowMs }
  const access = createAccess({ tokens: { 'ada.b': { role: 'deployer', sha256: sum } } })
  const identities = createIdentities({ access })
  const sessions = createSessions({ identities, secret, clock })
  const start = async () => sessions.start((await identities.find('ada.b'))!)
  return { clock, sessions, start }
}

it('reads what it wrote, until an hour without a request is over', async () => {
  const { clock, sessions, start } = open()
  const value = sessions.write(await start())

  expect((await sessions.read(value))?.identity).toMatchObject({ key: 'ada.b', grants: [{ role: 'deployer' }] })
  clock.nowMs += 60 * minuteMs - 1
  expect(await sessions.read(value)).toBeDefined()
  clock.nowMs += 1
  expect(await sessions.read(value)).toBeUndefined()
})

it('renews in the second half of the hour, and never past twelve hours', async () => {
  const { clock, sessions, start } = open()
  const first = await start()
  let session = first

  expect(sessions.renew(session)).toBeUndefined()
  for (let renewed: typeof first | undefined = session; renewed;) {
    session = renewed
    clock.nowMs = session.expiresMs - minuteMs
    renewed = sessions.renew(session)
  }

  expect(session.expiresMs - first.startedMs).toBe(12 * 60 * minuteMs)
})

it.each([
  ['a longer time', (value: string) => value.replace(/(\d+)(?=\.[\w-]+\.ada)/, (ms) => String(Number(ms) + 1))],
  ['another id', (value: string) => value.replace(/.(?=\.ada)/, (last) => (last === 'A' ? 'B' : 'A'))],
  ['another name', (value: string) => value.replace('ada.b', 'root')],
  ['another signature', (value: string) => `${value.startsWith('x') ? 'y' : 'x'}${value.slice(1)}`],
  ['nothing', () => ''],
  ['a part', (value: string) => value.slice(0, 20)],
])('takes no cookie with %s', async (_name, change) => {
  const { sessions, start } = open()
  const value = sessions.write(await start())

  expect(change(value)).not.toBe(value)
  expect(await sessions.read(change(value))).toBeUndefined()
})

it('ends with the token that it was started with, and with the secret', async () => {
  const { sessions, start } = open()
  const value = sessions.write(await start())

  expect(await open({ sum: 'b'.repeat(64) }).sessions.read(value)).toBeUndefined()
  expect(await open({ secret: 'other' }).sessions.read(value)).toBeUndefined()
  expect(await open().sessions.read(value)).toBeDefined()
})
