import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createSsh } from './create-ssh.ts'
import { failOnLeaks } from '@vesemir/testing/fail-on-leaks'
import { startSshd } from './testing/start-sshd.ts'
import { writeKeyPair } from '@vesemir/testing/start-sshd'

failOnLeaks()

// What servers of these versions, or hardened ones, offer by themselves, as far as the sshd of this machine knows it.
const servers = [
  {
    name: 'OpenSSH 7.0',
    hostKey: 'ed25519',
    settings: [
      'KexAlgorithms curve25519-sha256@libssh.org,ecdh-sha2-nistp256,diffie-hellman-group-exchange-sha256,diffie-hellman-group14-sha1',
      'Ciphers chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com',
      'MACs umac-64-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-256,hmac-sha1',
    ],
    uses: [/curve25519-sha256@libssh.org/, /aes128-gcm@openssh.com/],
  },
  {
    name: 'OpenSSH 10',
    hostKey: 'ed25519',
    settings: [
      'KexAlgorithms sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256',
      'Ciphers chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr',
      'PubkeyAcceptedAlgorithms ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256',
    ],
    uses: [/kex: algorithm: curve25519-sha256/, /aes128-gcm@openssh.com/],
  },
  {
    name: 'FIPS 140',
    hostKey: 'ecdsa',
    settings: [
      'KexAlgorithms ecdh-sha2-nistp256,ecdh-sha2-nistp384,diffie-hellman-group14-sha256',
      'Ciphers aes256-gcm@openssh.com,aes256-ctr',
      'MACs hmac-sha2-256,hmac-sha2-512',
    ],
    uses: [/ecdh-sha2-nistp256/, /aes256-gcm@openssh.com/, /host key algorithm: ecdsa-sha2-nistp256/],
  },
  {
    name: 'a hardened server with RSA alone',
    hostKey: 'rsa',
    settings: [
      'KexAlgorithms diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512',
      'Ciphers aes256-ctr',
      'MACs hmac-sha2-512-etm@openssh.com',
      'HostKeyAlgorithms rsa-sha2-512',
      'PubkeyAcceptedAlgorithms rsa-sha2-512,rsa-sha2-256',
    ],
    uses: [/kex: algorithm: diffie-hellman-group16-sha512/, /aes256-ctr/, /host key algorithm: rsa-sha2-512/],
  },
]

test.each(servers)('$name is understood', async ({ hostKey, settings, uses }) => {
  let hostKeyLine = ''
  await using sshd = await startSshd({
    settings: [...settings, 'LogLevel DEBUG1'],
    prepare(folder) {
      hostKeyLine = writeKeyPair(join(folder, 'typed_key'), { type: hostKey }).public
      writeKeyPair(join(folder, 'client_key'), { type: hostKey })
      return [`HostKey ${folder}/typed_key`, `AuthorizedKeysFile ${folder}/client_key.pub`]
    },
  })
  const target = { ...sshd.target, hostKeys: [hostKeyLine] }

  await using session = await createSsh(sshd.options, { env: {} }).connect(target)

  expect(await session.run('echo in', { timeoutMs: 10_000 })).toEqual({ stdout: 'in\n' })
  for (const pattern of uses) expect(sshd.log()).toMatch(pattern)
})

test.each(['aes128-gcm@openssh.com', 'chacha20-poly1305@openssh.com', 'aes128-ctr'])(
  'input of many packets arrives as it was sent by %s, while keys are exchanged again',
  async (cipher) => {
    await using sshd = await startSshd({ settings: [`Ciphers ${cipher}`, 'RekeyLimit 1M', 'LogLevel DEBUG1'] })
    await using session = await createSsh(sshd.options, { env: {} }).connect(sshd.target)
    const content = randomBytes(8 * 1024 * 1024)
    async function* input() {
      const memory = Buffer.alloc(200_000)
      for (let start = 0; start < content.length; start += memory.length)
        yield memory.subarray(0, content.copy(memory, 0, start))
    }

    const { stdout } = await session.run('sha256sum', { timeoutMs: 20_000, input: input() })

    expect(stdout).toContain(createHash('sha256').update(content).digest('hex'))
    expect(sshd.log().match(/rekey(?:ing| in)/g)?.length).toBeGreaterThan(2)
  },
)

test('a server that lets its own primes alone be used is refused, since checking them would stop the worker', async () => {
  await using sshd = await startSshd({ settings: ['KexAlgorithms diffie-hellman-group-exchange-sha256'] })

  await expect(createSsh(sshd.options, { env: {} }).connect(sshd.target)).rejects.toMatchObject({
    code: 'SSH_UNREACHABLE',
    message: expect.stringContaining(
      'did not finish the SSH handshake: Handshake failed: no matching key exchange algorithm',
    ) as string,
  })
})
