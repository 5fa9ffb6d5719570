import { expect, test } from 'vitest'
import { fingerprint, hostKeyAlgorithms, knownHostKeys } from './host-keys.ts'

const ed25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM6a+NoszBC9a4KQvmxvVE9uDU77iuDrcW2vJPSRtu4p'
const target = { name: 'web-1', address: '10.0.0.1', port: 22, user: 'deploy', hostKeys: [ed25519] }

test('a fingerprint reads as OpenSSH prints it', () => {
  const [key] = knownHostKeys(target).keys

  // ssh-keygen -lf
  expect(fingerprint(key!.blob)).toBe('SHA256:bY0xjoEmR1dNrT4e3iQxjMDpFTtHiZc6hdTuDfy3qgc')
})

test('the types of the known keys are asked for first, and RSA never with SHA-1', () => {
  const known = knownHostKeys({ ...target, hostKeys: ['ssh-rsa AAAA comment', 'ecdsa-sha2-nistp256 AAAA'] })

  const algorithms = hostKeyAlgorithms(known)

  expect(algorithms.slice(0, 4)).toEqual(['ecdsa-sha2-nistp256', 'rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519'])
  expect(algorithms).not.toContain('ssh-rsa')
})

test('keys of unusable types are left out', () => {
  expect(knownHostKeys({ ...target, hostKeys: ['ssh-dss AAAA', 'junk', ed25519] }).keys).toHaveLength(1)
})
