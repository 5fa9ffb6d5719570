import { expect, test } from 'vitest'
import { readPerson } from './read-person.ts'

const issuer = 'https://accounts.example'
const settings = { issuer, nameClaim: 'email', groupsClaim: 'groups' } as Parameters<typeof readPerson>[1]
const claims = { sub: '7', email: 'ada@example.com' }

test('who is named by a verified address is let in', () => {
  expect(readPerson({ ...claims, email_verified: true }, settings)).toMatchObject({ name: 'ada@example.com' })
})

test.each([{}, { email_verified: false }, { email_verified: 'true' }])(
  'an address with %j is of whoever wrote it, and refused',
  (verified) => {
    expect(() => readPerson({ ...claims, ...verified }, settings)).toThrow('ada@example.com is not a verified address')
  },
)
