import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfig } from './config.ts'

let home: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'vesemir-cli-'))
})
afterEach(() => rm(home, { recursive: true }))

test('takes options before the environment before the file', async () => {
  await writeConfig('url: https://file.example\ntoken: of-file')
  const env = { HOME: home, VESEMIR_URL: 'https://env.example', VESEMIR_TOKEN: 'of-env' }

  expect(await readConfig({}, { HOME: home })).toEqual({ url: 'https://file.example', token: 'of-file' })
  expect(await readConfig({}, env)).toEqual({ url: 'https://env.example', token: 'of-env' })
  expect(await readConfig({ url: 'http://flag.example', token: 'of-flag' }, env)).toEqual({
    url: 'http://flag.example',
    token: 'of-flag',
  })
})

test('reads the token from a file, after VESEMIR_TOKEN and before the config file', async () => {
  await writeConfig('token: of-config')
  const VESEMIR_TOKEN_FILE = join(home, 'token')
  await writeFile(VESEMIR_TOKEN_FILE, 'of-token-file\n')
  const env = { HOME: home, VESEMIR_URL: 'http://api.example', VESEMIR_TOKEN_FILE }

  expect((await readConfig({}, env)).token).toBe('of-token-file')
  expect((await readConfig({}, { ...env, VESEMIR_TOKEN: 'of-env' })).token).toBe('of-env')
  expect((await readConfig({}, { ...env, VESEMIR_TOKEN_FILE: '' })).token).toBe('of-config')
})

test('finds the file below XDG_CONFIG_HOME', async () => {
  await mkdir(join(home, 'xdg', 'vesemir'), { recursive: true })
  await writeFile(join(home, 'xdg', 'vesemir', 'config.yml'), 'url: https://xdg.example')

  const config = await readConfig({}, { HOME: home, XDG_CONFIG_HOME: join(home, 'xdg') })

  expect(config).toEqual({ url: 'https://xdg.example', token: undefined })
})

test('needs neither file nor token', async () => {
  expect(await readConfig({ url: 'http://api.example' }, { HOME: home })).toEqual({
    url: 'http://api.example',
    token: undefined,
  })
})

test.each([
  [{}, {}, 'API address not set. Pass --url, set VESEMIR_URL, or add "url:" to HOME/.config/vesemir/config.yml'],
  [{ url: 'api.example' }, {}, '--url is not an http: or https: URL'],
  [
    {},
    { VESEMIR_URL: 'http://ada:secret@api.example' },
    'VESEMIR_URL contains a user name or password: pass a token instead',
  ],
  [
    { url: 'http://api.example' },
    { VESEMIR_TOKEN: 'sec\nret' },
    'VESEMIR_TOKEN is empty or has characters that no token has',
  ],
  [{ url: 'http://api.example' }, { VESEMIR_TOKEN_FILE: '/not/there' }, 'VESEMIR_TOKEN_FILE: /not/there not found'],
])('says what is wrong with %o and %o, without the value', async (flags, env, message) => {
  const config = readConfig(flags, { HOME: home, ...env })

  await expect(config).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: message.replace('HOME', home) })
})

test('refuses settings that it does not know, and says where they stand', async () => {
  await writeConfig('url: https://file.example\ntokn: x')

  const config = readConfig({}, { HOME: home })

  const place = `${join(home, '.config/vesemir/config.yml')}:2:1`
  await expect(config).rejects.toMatchObject({
    details: { errors: [{ field: 'tokn', message: 'unknown setting; did you mean token?', place }] },
  })
})

async function writeConfig(text: string): Promise<void> {
  await mkdir(join(home, '.config', 'vesemir'), { recursive: true })
  await writeFile(join(home, '.config', 'vesemir', 'config.yml'), text)
}
