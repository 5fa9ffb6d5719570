import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { Allowed, createOutgoing } from './outgoing.ts'

const urlOf = (host: string) => new URL(`http://${host}/`)

test.each([
  '127.0.0.1',
  '127.1',
  '0x7f.1',
  '2130706433',
  '0.0.0.0',
  '169.254.169.254',
  '100.100.100.200',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:a9fe:a9fe]',
  '[fe80::1]',
  '[fd00:ec2::254]',
  '[64:ff9b::7f00:1]',
])('refuses %s unless it is allowed', (host) => {
  expect(() => createOutgoing().check(urlOf(host))).toThrow(expect.objectContaining({ code: 'ADDRESS_REFUSED' }))
  expect(() => createOutgoing(['0.0.0.0/0', '::/0']).check(urlOf(host))).not.toThrow()
})

test.each(['10.0.0.1', '192.168.1.7', '8.8.8.8', '[2001:db8::1]'])('reaches %s unless others are allowed', (host) => {
  expect(() => createOutgoing().check(urlOf(host))).not.toThrow()
  expect(() => createOutgoing(['artifacts.example']).check(urlOf(host))).toThrow('the worker may not connect to')
})

test('resolves a name to addresses that are allowed, and to no others', async () => {
  const resolve = (allowed?: readonly string[]) =>
    promisify(createOutgoing(allowed).lookup as (name: string, options: object, callback: () => void) => void)

  await expect(resolve()('localhost', { all: true })).rejects.toMatchObject({
    code: 'ADDRESS_REFUSED',
    message: expect.stringMatching(/^the worker may not connect to localhost \(.*127\.0\.0\.1.*\)$/) as string,
  })
  await expect(resolve(['localhost'])('localhost', { all: true })).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' })
  expect(await resolve(['127.0.0.0/8'])('localhost', { all: true })).toEqual([{ address: '127.0.0.1', family: 4 }])
})

test.each(['10.0.0.0/33', '*', 'https://a.example', 'a b', '*.*.example', '1.2.3'])('%s is no setting', (target) => {
  expect(Allowed.safeParse([target]).success).toBe(false)
})
