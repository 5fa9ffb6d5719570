import { generateKeyPairSync } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readIdentity } from './credentials.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pkcs1 = privateKey.export({ type: 'pkcs1', format: 'pem' }) as string
const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
const serverUrl = 'https://chef.example/organizations/shop'

let home: string
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'vesemir-credentials-'))
  await write('.chef/default.pem', pkcs1)
  await write('.chef/credentials', profile('default') + profile('blue') + profile('green'))
})
afterAll(() => rm(home, { recursive: true, force: true }))

async function write(name: string, text: string): Promise<string> {
  const path = join(home, name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
  return path
}

const profile = (name: string, clientKey = 'default.pem') =>
  `[${name}]\nclient_name = "${name}-client"\nclient_key = '''${clientKey}'''\nchef_server_url = "${serverUrl}"\n`

/** The whole of an error as a log would show it. */
async function refusal(identity: Promise<unknown>): Promise<string> {
  const error: unknown = await identity.then(
    () => 'no error',
    (reason: unknown) => reason,
  )
  expect(error).toMatchObject({ code: 'CONFIG_INVALID' })
  const { message, cause, details } = error as { message: string; cause: unknown; details: unknown }
  return JSON.stringify({ message, cause: String(cause), details })
}

describe('readIdentity', () => {
  test('reads the default profile of ~/.chef/credentials, with the key beside it', async () => {
    const identity = await readIdentity({}, { HOME: home })

    expect(identity).toMatchObject({ serverUrl, clientName: 'default-client' })
    expect(identity.key.equals(privateKey)).toBe(true)
  })

  test('takes the profile from the setting, then CHEF_PROFILE, then ~/.chef/context', async () => {
    const context = await write('.chef/context', 'green\n')

    const fromContext = await readIdentity({}, { HOME: home })
    const fromEnvironment = await readIdentity({}, { HOME: home, CHEF_PROFILE: 'blue' })
    const fromSetting = await readIdentity({ profile: 'default' }, { HOME: home, CHEF_PROFILE: 'blue' })
    await rm(context)

    expect([fromContext, fromEnvironment, fromSetting].map(({ clientName }) => clientName)).toEqual([
      'green-client',
      'blue-client',
      'default-client',
    ])
  })

  test('takes the file from the setting, then CHEF_CREDENTIALS_FILE', async () => {
    const fromVariable = await write('variable.toml', profile('default').replace('default-client', 'variable'))
    const fromSetting = await write('setting.toml', profile('default').replace('default-client', 'setting'))
    const env = { HOME: home, CHEF_CREDENTIALS_FILE: fromVariable }

    expect((await readIdentity({}, env)).clientName).toBe('variable')
    expect((await readIdentity({ credentialsFile: fromSetting }, env)).clientName).toBe('setting')
  })

  test('knows node_name as the older word for client_name, and a key given as PEM', async () => {
    const file = await write('inline.toml', profile('default', pkcs8).replace('client_name', 'node_name'))

    const identity = await readIdentity({ credentialsFile: file }, { HOME: home })

    expect(identity.clientName).toBe('default-client')
    expect(identity.key.equals(privateKey)).toBe(true)
  })

  test('needs no file when the settings say everything, and lets them win over the file', async () => {
    const settings = { serverUrl: 'http://127.0.0.1:4545', clientName: 'vesemir', clientKey: pkcs1 }

    const complete = await readIdentity(settings, { HOME: '/nowhere' })
    const mixed = await readIdentity({ clientName: 'vesemir' }, { HOME: home })

    expect(complete).toMatchObject({ serverUrl: 'http://127.0.0.1:4545', clientName: 'vesemir' })
    expect(mixed).toMatchObject({ serverUrl, clientName: 'vesemir' })
  })

  test('says what is missing and where', async () => {
    const empty = await write('empty.toml', '[default]\n')
    const env = { HOME: home }

    expect(await refusal(readIdentity({ profile: 'red' }, env))).toContain(
      'no profile \\"red\\"; it has default, blue, green',
    )
    expect(await refusal(readIdentity({ credentialsFile: empty }, env))).toContain('has no chef_server_url')
    expect(await refusal(readIdentity({ credentialsFile: empty, serverUrl }, env))).toContain('has no client_name')
    expect(await refusal(readIdentity({ credentialsFile: '/nowhere' }, env))).toContain(
      '/nowhere cannot be read: ENOENT',
    )
    expect(await refusal(readIdentity({ clientKey: '/no.pem' }, env))).toContain('/no.pem cannot be read: ENOENT')
  })

  test('refuses a server URL with a password in it without repeating it', async () => {
    const file = await write('url.toml', profile('default').replace('https://', 'https://me:s3cret@'))

    const text = await refusal(readIdentity({ credentialsFile: file }, { HOME: home }))

    expect(text).toContain('chef_server_url')
    expect(text).not.toContain('s3cret')
  })

  test.each([
    [
      'TOML that breaks off inside the key',
      'credentialsFile',
      () => profile('default', pkcs1).replace(/END RSA[^]*$/, ''),
    ],
    ['a PEM that is not whole', 'clientKey', () => pkcs1.replace(/^.{60}/gm, '')],
    ['a key without its first line', 'clientKey', () => pkcs1.replace(/^.*\n/, '')],
    ['a key on one line, without PEM', 'clientKey', () => pkcs1.replaceAll(/-----.*-----|\n/g, '')],
  ] as const)('never shows any of the key: %s', async (_, setting, text) => {
    const value = setting === 'clientKey' ? text() : await write('broken.toml', text())

    const shown = await refusal(readIdentity({ [setting]: value }, { HOME: home }))

    const pieces = pkcs1.split('\n').slice(1, -2)
    expect(pieces.filter((piece) => shown.includes(piece.slice(0, 16)))).toEqual([])
  })

  test('does not fall back to another profile when ~/.chef/context cannot be read', async () => {
    const elsewhere = await mkdtemp(join(home, 'home-'))
    await mkdir(join(elsewhere, '.chef', 'context'), { recursive: true })

    expect(await refusal(readIdentity({}, { HOME: elsewhere }))).toContain('context cannot be read: EISDIR')
  })

  test('refuses a key that is not RSA', async () => {
    const ed25519 = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string

    expect(await refusal(readIdentity({ clientKey: ed25519 }, { HOME: home }))).toContain('not an RSA key')
  })

  test('trusts the certificates of ~/.chef/trusted_certs, of the profile, or of the setting', async () => {
    await write('.chef/trusted_certs/chef.crt', 'one')
    await write('.chef/trusted_certs/notes.txt', 'none')
    const folder = dirname(await write('elsewhere/ca.pem', 'two'))
    const credentialsFile = await write('trusting', `${profile('default')}trusted_certs_dir = "${folder}"\n`)
    const certificatesOf = async (options: Parameters<typeof readIdentity>[0]) =>
      (await readIdentity(options, { HOME: home })).certificates

    expect(await certificatesOf({})).toEqual(['one'])
    expect(await certificatesOf({ credentialsFile })).toEqual(['two'])
    expect(await certificatesOf({ trustedCerts: folder })).toEqual(['two'])
    expect(await refusal(certificatesOf({ trustedCerts: join(home, 'nowhere') }))).toContain('nowhere cannot be read')
  })

  test.each(['ssl_verify_mode = ":verify_none"', 'verify_api_cert = false'])(
    'refuses not to verify the server, and says what to do instead: %s',
    async (line) => {
      const credentialsFile = await write('unverified', `${profile('default')}${line}\n`)

      expect(await refusal(readIdentity({ credentialsFile }, { HOME: home }))).toMatch(/is refused.*trusted_certs/)
    },
  )

  test('refuses knife.rb with the way on, whether it is named or all that is there', async () => {
    const other = join(home, 'other')
    const knife = await write('other/.chef/knife.rb', `client_key "#{ENV['HOME']}/key.pem"\n`)

    for (const options of [{}, { credentialsFile: knife }])
      expect(await refusal(readIdentity(options, { HOME: other }))).toMatch(
        /knife\.rb is Ruby, which Vesemir does not run: write its chef_server_url, client_name and client_key into/,
      )
  })
})
