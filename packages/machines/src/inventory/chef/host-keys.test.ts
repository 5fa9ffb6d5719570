import { expect, test } from 'vitest'
import { hostKeyBlob } from '@vesemir/testing/host-key-blob'
import { hostKeysOf } from './host-keys.ts'
import { readNode } from './node.ts'
import { ChefOptions } from './options.ts'

const { attributes } = ChefOptions.parse({ kind: 'chef' })
const keysOf = (row: Record<string, unknown>) => hostKeysOf(readNode({ name: 'web1', ...row }, attributes))

test('accepts every kind of host key and leaves out what is not of its kind', () => {
  const ed25519 = hostKeyBlob('ssh-ed25519', 'd')
  const ecdsa = hostKeyBlob('ecdsa-sha2-nistp256', 'e')
  const rsa = hostKeyBlob('ssh-rsa', 'r')

  const all = keysOf({ ed25519, ecdsa, rsa })
  const some = keysOf({ ed25519, ecdsa: rsa, rsa: 'ERROR: no keys' })

  expect(all).toEqual([`ssh-ed25519 ${ed25519}`, `ecdsa-sha2-nistp256 ${ecdsa}`, `ssh-rsa ${rsa}`])
  expect(some).toEqual([`ssh-ed25519 ${ed25519}`])
})
