import { isVesemirError } from '@vesemir/core'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSsh } from './create-ssh.ts'
import type { SshOptions } from './ssh-options.ts'
import { certify } from '@vesemir/testing/certify'
import { failOnLeaks } from '@vesemir/testing/fail-on-leaks'
import { startSshd, type Sshd } from './testing/start-sshd.ts'
import { writeKeyPair } from '@vesemir/testing/start-sshd'

const keyTypes = ['ed25519', 'rsa', 'ecdsa']

function countOf(values: readonly (string | undefined)[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const value of values) counts[`${value}`] = (counts[`${value}`] ?? 0) + 1
  return counts
}

async function failure(connecting: Promise<unknown>) {
  const outcome = await connecting.catch((error: unknown) => error)
  if (!isVesemirError(outcome)) throw outcome
  return outcome
}

describe('a certificate of the user', () => {
  let sshd: Sshd
  beforeAll(async () => {
    sshd = await startSshd({
      prepare(folder) {
        const authorities = keyTypes.map((type) => writeKeyPair(join(folder, `ca-${type}`), { type }).public)
        writeFileSync(join(folder, 'authorities'), `${authorities.join('\n')}\n`)
        return [`TrustedUserCAKeys ${folder}/authorities`]
      },
    })
  })
  afterAll(() => sshd[Symbol.asyncDispose]())
  failOnLeaks()

  /** A key that sshd knows by its certificate alone. */
  function aCertifiedKey({
    type = 'ed25519',
    authority = 'ca-ed25519',
    principals = [sshd.target.user],
    validity = '+1h',
  } = {}) {
    const privateKey = join(sshd.folder, `id-${type}`)
    writeKeyPair(privateKey, { type })
    certify(privateKey, { authority: join(sshd.folder, authority), principals, validity })
    return { ...sshd.options, privateKey, certificate: `${privateKey}-cert.pub` }
  }

  async function whoAmI(options: SshOptions) {
    await using session = await createSsh(options, { env: {} }).connect(sshd.target)
    return (await session.run('id -un', { timeoutMs: 10_000 })).stdout.trim()
  }

  test.each(keyTypes.flatMap((type) => keyTypes.map((by) => [type, by] as const)))(
    'lets in with a key of %s, by an authority of %s',
    async (type, by) => {
      expect(await whoAmI(aCertifiedKey({ type, authority: `ca-${by}` }))).toBe(sshd.target.user)
    },
  )

  test('is read again for every connection: one that has run out is replaced without a restart', async () => {
    const options = aCertifiedKey({ validity: '20200101:20200102' })
    const ssh = createSsh(options, { env: {} })

    const early = await failure(ssh.connect(sshd.target))
    certify(options.privateKey, { authority: join(sshd.folder, 'ca-ed25519'), principals: [sshd.target.user] })
    await using session = await ssh.connect(sshd.target)

    expect(early).toMatchObject({
      code: 'SSH_AUTH_FAILED',
      message: expect.stringMatching(
        /with certificate .*id-ed25519-cert.pub \("test", for .*, valid until 2020-01-0\dT.*\) and key /,
      ) as string,
    })
    expect(await session.run('echo in', { timeoutMs: 10_000 })).toEqual({ stdout: 'in\n' })
  })

  test('for others lets nobody in, and the error says for whom it is', async () => {
    const options = aCertifiedKey({ principals: ['ada', 'bob'] })

    expect(await failure(createSsh(options, { env: {} }).connect(sshd.target))).toMatchObject({
      code: 'SSH_AUTH_FAILED',
      message: expect.stringContaining('("test", for ada, bob, valid until') as string,
    })
  })

  test('can come from an agent', async () => {
    const { privateKey } = aCertifiedKey({ type: 'rsa' })
    const socket = join(sshd.folder, 'agent')
    const agent = spawn('ssh-agent', ['-D', '-a', socket])
    await once(agent.stdout, 'data')
    // ssh-add takes the certificate that lies beside the key.
    const env = { ...process.env, SSH_AUTH_SOCK: socket }
    await once(spawn('ssh-add', ['-q', privateKey], { env }), 'exit')
    const { privateKey: _, ...options } = sshd.options

    await using session = await createSsh({ ...options, agent: '$SSH_AUTH_SOCK' }, { env }).connect(sshd.target)

    expect((await session.run('echo in', { timeoutMs: 10_000 })).stdout).toBe('in\n')
    agent.kill()
    await once(agent, 'exit')
  })

  describe('that a command signs', () => {
    /** Signs what comes on standard input, as Vault or step-ca would, and counts how often. */
    function aSigner({ validity = '+10m', principals = sshd.target.user, first = '', keyId = 'minted' } = {}) {
      const path = join(sshd.folder, `sign-${randomUUID()}`)
      const script = `#!/bin/sh
set -e
${first}
echo x >> ${path}.runs
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/id.pub"
ssh-keygen -q -s ${sshd.folder}/ca-ed25519 -I ${keyId} -n ${principals} -V ${validity} "$folder/id.pub"
cat "$folder/id-cert.pub"
`
      writeFileSync(path, script, { mode: 0o755 })
      const { privateKey: _, ...options } = sshd.options
      const certificateCommand = { command: [path], environmentVariables: [], timeout: '5s' }
      const runs = () => readFileSync(`${path}.runs`, 'utf8').split('\n').length - 1
      return { options: { ...options, certificateCommand }, runs }
    }
    const env = { PATH: process.env['PATH'] }
    let nowMs: number
    const clock = { now: () => nowMs }
    beforeEach(() => {
      nowMs = Date.now()
    })
    const connect = async (ssh: ReturnType<typeof createSsh>) => {
      await using session = await ssh.connect(sshd.target)
      expect((await session.run('id -un', { timeoutMs: 10_000 })).stdout.trim()).toBe(sshd.target.user)
    }
    const connectTwice = async (ssh: ReturnType<typeof createSsh>) => {
      await connect(ssh)
      await connect(ssh)
    }

    test('lets in without a standing key, and is renewed before it expires, not before', async () => {
      const { options, runs } = aSigner()
      const ssh = createSsh(options, { env, clock })

      await connectTwice(ssh)
      expect(runs()).toBe(1)
      nowMs += 8 * 60_000
      await connect(ssh)
      expect(runs()).toBe(2)
    })

    test('is one for each deployment and purpose, which the command is told and sshd logs', async () => {
      const keyId = ['PURPOSE', 'DEPLOYMENT', 'APPLICATION', 'ENVIRONMENT', 'CLUSTER'].map((name) => `$VESEMIR_${name}`)
      const { options, runs } = aSigner({ keyId: `"${keyId.join('/')}"` })
      const ssh = createSsh(options, { env, cluster: 'eu' })
      const deployment = (id: string) =>
        ssh.for({ name: 'deployment', deployment: id, application: 'payments', environment: 'production' })

      const [first, second] = [deployment('d-1'), deployment('d-2')]
      await Promise.all([connectTwice(first), connectTwice(second), connectTwice(deployment('d-1'))])
      await connect(ssh)
      await connect(ssh.for({ name: 'load-balancer' }))

      expect(runs()).toBe(4)
      const logged = [...sshd.log().matchAll(/CERT SHA256:\S+ ID (\S+\/eu) \(serial/g)].map(([, id]) => id)
      expect(countOf(logged)).toEqual({
        'deployment/d-1/payments/production/eu': 4,
        'deployment/d-2/payments/production/eu': 2,
        'checks////eu': 1,
        'load-balancer////eu': 1,
      })
    })

    test('is renewed in the middle of a deployment, whose open connections go on', async () => {
      const { options, runs } = aSigner()
      const ssh = createSsh(options, { env, clock }).for({ name: 'load-balancer' })
      await using session = await ssh.connect(sshd.target)

      nowMs += 8 * 60_000
      await connect(ssh)

      expect(runs()).toBe(2)
      expect(await session.run('echo in', { timeoutMs: 10_000 })).toEqual({ stdout: 'in\n' })
    })

    test('is signed once for connections that begin together', async () => {
      const { options, runs } = aSigner()
      const ssh = createSsh(options, { env })

      await Promise.all([connectTwice(ssh), connectTwice(ssh), connectTwice(ssh)])

      expect(runs()).toBe(1)
    })

    test('serves to its end when the command fails, and not after it', async () => {
      const { options, runs } = aSigner({ first: 'test ! -e "$0.runs"' })
      const ssh = createSsh(options, { env, clock })
      await connectTwice(ssh)

      nowMs += 9 * 60_000
      await connectTwice(ssh)
      expect(runs()).toBe(1)
      nowMs += 2 * 60_000

      expect(await failure(ssh.connect(sshd.target))).toMatchObject({ code: 'SSH_CERTIFICATE_UNAVAILABLE' })
    })

    test('for others lets nobody in, and the error says for whom it is', async () => {
      const { options } = aSigner({ principals: 'bob' })

      expect(await failure(createSsh(options, { env }).connect(sshd.target))).toMatchObject({
        code: 'SSH_AUTH_FAILED',
        message: expect.stringContaining('minted certificate ("minted", for bob, valid until') as string,
      })
    })

    test.each([
      ['fails', 'echo hunter2 >&2; exit 3', / exited with 3$/],
      ['does not end', 'sleep 60', /did not end within 5 s and was killed$/],
      ['prints something else', 'echo hunter2; exit 0', /printed no certificate of a user$/],
      [
        'prints the certificate of another key',
        'cat "$OTHER"; exit 0',
        /another key than the one on its standard input$/,
      ],
    ])('is missed in words, without what was printed, when the command %s', async (_, first, message) => {
      const { certificate } = aCertifiedKey({ type: 'ecdsa' })
      const { options } = aSigner({ first: first.replace('$OTHER', certificate) })

      const missed = await failure(createSsh(options, { env }).connect(sshd.target))

      expect(missed).toMatchObject({
        code: 'SSH_CERTIFICATE_UNAVAILABLE',
        message: expect.stringMatching(message) as string,
      })
      expect(missed.message).not.toContain('hunter2')
    })

    test('has no part of the key in a command line or a file', async () => {
      const seen = join(sshd.folder, 'seen')
      const { options } = aSigner({ first: `tr '\\0' ' ' < /proc/$$/cmdline > ${seen}; env >> ${seen}` })

      await connectTwice(createSsh(options, { env }))

      expect(readFileSync(seen, 'utf8')).not.toMatch(/ssh-ed25519|PRIVATE KEY/)
    })
  })

  test.each([
    ['that is not there', () => '/nonexistent/cert.pub', /certificate: \/nonexistent\/cert.pub cannot be read: ENOENT/],
    ['that is none', () => join(sshd.folder, 'ca-rsa.pub'), /holds no certificate of a user/],
    [
      'of another key',
      () => {
        const { certificate } = aCertifiedKey({ type: 'ecdsa' })
        copyFileSync(certificate, join(sshd.folder, 'other-cert.pub'))
        return join(sshd.folder, 'other-cert.pub')
      },
      /other-cert.pub is of another key/,
    ],
  ])('%s is a mistake in the settings', async (_, certificate, words) => {
    const options = { ...sshd.options, certificate: certificate() }

    const error = await failure(createSsh(options, { env: {} }).connect(sshd.target))

    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toMatch(words)
  })
})

describe('a certificate of the host', () => {
  let sshd: Sshd
  let authority: string
  afterAll(() => sshd[Symbol.asyncDispose]())
  beforeAll(async () => {
    sshd = await startSshd({
      prepare(folder) {
        for (const type of keyTypes) {
          const path = join(folder, `host-${type}`)
          authority = writeKeyPair(join(folder, 'ca'), {}).public
          writeKeyPair(path, { type })
        }
        for (const type of keyTypes)
          certify(join(folder, `host-${type}`), { authority: join(folder, 'ca'), host: true, principals: ['web-1'] })
        return keyTypes.flatMap((type) => [
          `HostKey ${folder}/host-${type}`,
          `HostCertificate ${folder}/host-${type}-cert.pub`,
        ])
      },
    })
  })
  failOnLeaks()

  const connect = (hostKeys: string[], target: Partial<Sshd['target']> = {}) =>
    createSsh(sshd.options, { env: {} }).connect({ ...sshd.target, hostKeys, ...target })

  test('stands for its key where the authority is known', async () => {
    await using session = await connect([`@cert-authority ${authority}`])

    expect((await session.run('echo in', { timeoutMs: 10_000 })).stdout).toBe('in\n')
  })

  test.each(keyTypes)('of a key of %s alone is believed', async (type) => {
    await using own = await startSshd({
      settings: [`HostKey ${sshd.folder}/host-${type}`, `HostCertificate ${sshd.folder}/host-${type}-cert.pub`],
    })
    const target = { ...own.target, hostKeys: [`@cert-authority ${authority}`] }
    // The first HostKey line of each type counts: the own key of sshd is kept out by the algorithms that are asked for.
    await using session = await createSsh(own.options, { env: {} }).connect(target)

    expect((await session.run('echo in', { timeoutMs: 10_000 })).stdout).toBe('in\n')
  })

  test('is not needed where the key itself is known', async () => {
    const own = readFileSync(join(sshd.folder, 'host-ed25519.pub'), 'utf8').trim()

    await using session = await connect([`@cert-authority ${authority}`, own], { name: 'web-2' })

    expect((await session.run('echo in', { timeoutMs: 10_000 })).stdout).toBe('in\n')
  })

  test('for another host is refused', async () => {
    expect(await failure(connect([`@cert-authority ${authority}`], { name: 'web-2' }))).toMatchObject({
      code: 'SSH_HOST_KEY_MISMATCH',
      message: expect.stringMatching(
        /^web-2 .* showed the host key SHA256:\S+ with a certificate \("test", SHA256:\S+ signed it\) that is for web-1$/,
      ) as string,
    })
  })

  test('by an authority that is not known is refused', async () => {
    const other = writeKeyPair(join(sshd.folder, 'other-ca')).public

    expect(await failure(connect([`@cert-authority ${other}`]))).toMatchObject({
      code: 'SSH_HOST_KEY_MISMATCH',
      message: expect.stringContaining('that is signed by an unknown authority') as string,
    })
  })

  test('is missed where only an authority is known and the host has none', async () => {
    await using plain = await startSshd()
    const target = { ...plain.target, hostKeys: [`@cert-authority ${authority}`] }

    expect(await failure(createSsh(plain.options, { env: {} }).connect(target))).toMatchObject({
      code: 'SSH_HOST_KEY_MISMATCH',
      message: expect.stringMatching(/showed the host key SHA256:\S+, which has no valid certificate$/) as string,
    })
  })
})
