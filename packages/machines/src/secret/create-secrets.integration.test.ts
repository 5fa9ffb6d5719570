import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSystemClock } from '@vesemir/process/clock'
import { createMasker } from '@vesemir/process/masking'
import type { ErrorCode } from '@vesemir/core'
import { codeOf } from '@vesemir/testing/code-of'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSecrets } from './create-secrets.ts'
import { SecretsOptions, type SecretOptions } from './secrets-options.ts'

const place = { application: 'payments', environment: 'production' }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-secrets-'))
})
afterAll(() => rm(folder, { recursive: true }))

function theSecret(options: Partial<SecretOptions>, env: Record<string, string> = {}) {
  const masker = createMasker()
  const settings = SecretsOptions.parse({ it: { applications: ['*'], ...options } })
  const secrets = createSecrets(settings, {
    env: { PATH: process.env['PATH'], ...env },
    clock: createSystemClock(),
    masker,
  })
  const read = async (where = place, name = 'it') => (await secrets.read([name], where, undefined)).get(name)
  return { read, masker }
}

describe('a secret is read', () => {
  test('from a file, as it is each time, without the end of its last line', async () => {
    const file = join(folder, 'token')
    const { read } = theSecret({ file })

    await writeFile(file, 'hunter2-one\n')
    expect(await read()).toBe('hunter2-one')
    await writeFile(file, 'hunter2-two\r\nsecond line\n')
    expect(await read()).toBe('hunter2-two\r\nsecond line')
  })

  test("from the worker's environment", async () => {
    expect(await theSecret({ env: 'TOKEN' }, { TOKEN: 'hunter2-env' }).read()).toBe('hunter2-env')
  })

  test('from a command, without a shell, once for all who ask within a moment', async () => {
    const runs = join(folder, 'runs')
    const script = `echo >> ${runs}; printf '%s\\n' "$1-$VAULT"`
    const options = { command: ['sh', '-c', script, 'sh', 'hunter2 $HOME'], environmentVariables: ['VAULT'] }
    const { read } = theSecret(options, { VAULT: 'eu', OTHER: 'x' })

    expect(await Promise.all([read(), read()])).toEqual(['hunter2 $HOME-eu', 'hunter2 $HOME-eu'])
    expect(await readFile(runs, 'utf8')).toBe('\n')
  })

  test('and is masked from then on', async () => {
    const { read, masker } = theSecret({ env: 'TOKEN' }, { TOKEN: 'hunter2-env' })

    await read()

    expect(masker.mask('the token hunter2-env')).toBe('the token ***')
  })
})

describe('is refused', () => {
  test('a secret that the settings do not have', async () => {
    const { read } = theSecret({ env: 'TOKEN' })

    expect(await codeOf(read(place, 'other'))).toBe('SECRET_MISSING')
    expect(await codeOf(read(place, 'constructor'))).toBe('SECRET_MISSING')
  })

  test.for([
    ['its file', { file: '/nowhere/at-all' }, 'SECRET_MISSING'],
    ['its variable', { env: 'NONE' }, 'SECRET_MISSING'],
    ['its command', { command: ['/nowhere/at-all'] }, 'SECRET_UNAVAILABLE'],
  ] satisfies [string, Partial<SecretOptions>, ErrorCode][])(
    'a secret when %s is not there',
    async ([, options, code]) => {
      expect(await codeOf(theSecret(options).read())).toBe(code)
    },
  )

  test.for([
    ['no application', { applications: [] }],
    ['another application', { applications: ['shop', 'payments-*', 'pay'] }],
    ['another environment', { environments: ['staging'] }],
  ] satisfies [string, Partial<SecretOptions>][])('an application, when the settings name %s', async ([, options]) => {
    const { read } = theSecret({ env: 'TOKEN', ...options }, { TOKEN: 'hunter2-env' })

    await expect(read()).rejects.toMatchObject({
      code: 'SECRET_NOT_ALLOWED',
      message: 'payments may not have the secret it in production',
    })
  })

  test.for([
    ['is too short to be masked', 'hunter2'],
    ['is empty', ' '],
    ['has control characters', 'hunter2\u0007hunter2'],
    ['is too long', 'x'.repeat(65_537)],
  ] as const)('a secret that %s, without quoting it', async ([, value]) => {
    const error = await theSecret({ env: 'TOKEN' }, { TOKEN: value })
      .read()
      .catch((refused: unknown) => refused as Error)

    expect(error).toMatchObject({ code: 'SECRET_INVALID' })
    expect((error as Error).message).not.toContain(value.trim() || '\n')
  })

  test('a command that fails, or takes too long, without what it wrote; it is run again for the next', async () => {
    const failed = join(folder, 'failed')
    const script = `test -e ${failed} && echo hunter2-late && exit; touch ${failed}; echo hunter2-err >&2; echo hunter2-out; exit 3`
    const { read } = theSecret({ command: ['sh', '-c', script] })

    const error = await read().catch((refused: unknown) => refused as Error)
    expect(error).toMatchObject({
      code: 'SECRET_UNAVAILABLE',
      message: 'the secret it cannot be read: sh exited with 3',
    })
    expect(await read()).toBe('hunter2-late')

    const slow = theSecret({ command: ['sleep', '60'], timeout: '100ms' })
    await expect(slow.read()).rejects.toThrow('sleep did not end within 0.1 s and was killed')
  })
})

test.for([
  ['neither', {}],
  ['two', { env: 'A', file: '/b' }],
] satisfies [string, Partial<SecretOptions>][])(
  'of file, env and command, settings name one, and not %s',
  ([, source]) => {
    expect(() => SecretsOptions.parse({ it: { applications: ['*'], ...source } })).toThrow(
      'by one of file, env and command',
    )
  },
)
