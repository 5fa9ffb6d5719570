import { expect, test } from 'vitest'
import { normalAddress, whyUnreachable } from './address.ts'

test.each([
  ['WEB-1.Example.', 'web-1.example'],
  ['10.0.0.1', '10.0.0.1'],
  ['10.1', '10.0.0.1'],
  ['010.0.0.1', '8.0.0.1'],
  ['2001:DB8:0:0::0002', '2001:db8::2'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['::FFFF:C0A8:0001', '192.168.0.1'],
  ['2001:db8::2%eth0', '2001:db8::2%eth0'],
  ['web_1', 'web_1'],
  ['1.2.3.4.5', '1.2.3.4.5'],
])('writes %s as %s', (address, normal) => {
  expect(normalAddress(address)).toBe(normal)
})

test.each([
  ['169.254.10.1', 'link-local'],
  ['FE80::1', 'link-local'],
  ['fe80::1%eth0', 'link-local'],
  ['febf:ffff::1', 'link-local'],
  ['::ffff:169.254.1.1', 'link-local'],
  ['0.0.0.0', 'unspecified'],
  ['::', 'unspecified'],
  ['0', 'unspecified'],
  ['fd00:ec2::254', 'metadata'],
  ['::ffff:100.100.100.200', 'metadata'],
  ['239.1.1.1', 'multicast'],
  ['ff02::1', 'multicast'],
  ['255.255.255.255', 'broadcast'],
])('says why %s is no address of a machine: %s', (address, words) => {
  expect(whyUnreachable(address)).toContain(words)
})

test.each(['10.0.0.1', '127.0.0.1', '169.253.1.1', '2001:db8::1', 'fec0::1', 'web1', 'fe80.example'])(
  'takes %s',
  (address) => {
    expect(whyUnreachable(address)).toBeUndefined()
  },
)
