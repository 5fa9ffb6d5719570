import { spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { makeCertificate } from '@vesemir/testing/make-certificate'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createClient } from '@vesemir/contract'
import { createAuditLog } from '@vesemir/store/audit'
import { anApplication } from './testing/start-api.ts'
import { openViewer } from './testing/viewer.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const token = 'a-token-of-an-admin'

/** The API's own process, and what it wrote. */
async function startProcess(settings: string, env: Record<string, string> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'vesemir-api-'))
  const path = join(folder, 'api.yml')
  await writeFile(path, settings)
  const process_ = spawn(process.execPath, [fileURLToPath(new URL('main.ts', import.meta.url)), '--config', path], {
    env: { PATH: process.env.PATH, VESEMIR_REDIS_URL: server.url, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  const reader = createInterface(process_.stdout).on('line', (line) => lines.push(line))
  createInterface(process_.stderr).on('line', (line) => lines.push(line))
  const ended = once(process_, 'close').then(([code, signal]) => ({ code: code as number, signal: signal as string }))
  const untilLogged = async (text: string) => {
    while (!lines.some((line) => line.includes(text))) await once(reader, 'line')
  }
  return {
    lines,
    ended,
    untilLogged,
    writeSettings: (changed: string) => writeFile(path, changed),
    process: process_,
    async url() {
      for (;;) {
        const found = lines.map((line) => /https?:\/\/127[^"\s]+/.exec(line)?.[0]).find(Boolean)
        if (found) return found
        await Promise.race([
          once(reader, 'line'),
          ended.then(() => {
            throw new Error(`ended before it listened: ${lines.join('\n')}`)
          }),
        ])
      }
    },
    async [Symbol.asyncDispose]() {
      process_.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true })
    },
  }
}

it('serves until SIGTERM, sends viewers away to come back, ends with 0, and logs no token', async () => {
  await using api = await startProcess('port: 0\norders: unsigned\nclusters: [eu]', {
    VESEMIR_TOKENS: `ada:admin:${token}`,
  })
  const url = await api.url()
  const client = createClient({ url, token })
  await client.putApplication(anApplication())
  const { id } = await client.createDeployment({ application: 'payments', environment: 'production', version: '1.0.0' })
  const address = `${url.replace('http', 'ws')}/v1/deployments/${id}/events`
  const viewer = await openViewer(address, { headers: { authorization: `Bearer ${token}` } })

  api.process.kill('SIGTERM')

  expect(await viewer.closed).toMatchObject({ code: 1012 })
  expect(await api.ended).toEqual({ code: 0, signal: null })
  expect(api.lines.join('\n')).toContain('"caller":"ada"')
  expect(api.lines.join('\n')).not.toContain(token)
})

it('refuses a Redis that a newer version has brought further', async () => {
  const tokens = { ada: { role: 'admin', sha256: hash('sha256', token) } }
  await server.connect().hset('newer:schema', { schema: 99, software: '9.1.0' })
  await using api = await startProcess(
    JSON.stringify({ port: 0, orders: 'unsigned', clusters: ['eu'], prefix: 'newer', tokens }),
  )

  expect(await api.ended).toEqual({ code: 7, signal: null })
  expect(api.lines.join('\n')).toContain('error: Redis holds schema 99, of Vesemir 9.1.0')
})

it('reloads tokens and grants on SIGHUP, and keeps those that it has when the settings are wrong', async () => {
  const tokenOf = (name: string) => `a-token-of-${name}-0123456789`
  const settingsFor = (...names: string[]) =>
    JSON.stringify({
      port: 0,
      orders: 'unsigned',
      clusters: ['eu'],
      tokens: Object.fromEntries(
        names.map((name) => [name, { role: 'viewer', sha256: hash('sha256', tokenOf(name)) }]),
      ),
    })
  await using api = await startProcess(settingsFor('ada'))
  const url = await api.url()
  const namesLetIn = async () => {
    const answers = await Promise.allSettled(
      ['ada', 'bob'].map((name) => createClient({ url, token: tokenOf(name) }).getSession()),
    )
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.name] : []))
  }
  expect(await namesLetIn()).toEqual(['ada'])

  await api.writeSettings(settingsFor('bob'))
  api.process.kill('SIGHUP')
  await api.untilLogged('settings reloaded')
  expect(await namesLetIn()).toEqual(['bob'])

  await api.writeSettings('port: 0\norders: unsigned\nclusters: [eu]\ntokens: { ada: { role: root } }')
  api.process.kill('SIGHUP')
  await api.untilLogged('settings are not valid')
  expect(await namesLetIn()).toEqual(['bob'])
  expect(api.lines.join('\n')).toContain('tokens.ada.role')
})

it('a protection added by SIGHUP refuses the next deployment, and stays when the settings are wrong', async () => {
  const settingsWith = (protections: object[]) =>
    JSON.stringify({ port: 0, orders: 'unsigned', clusters: ['eu'], protections })
  await using api = await startProcess(settingsWith([]), { VESEMIR_TOKENS: `ada:admin:${token}` })
  const client = createClient({ url: await api.url(), token })
  await client.putApplication(anApplication())
  const deploy = () =>
    client.createDeployment({ application: 'payments', environment: 'production', version: '1.0.0', concurrency: 2 })
  await deploy()

  await api.writeSettings(settingsWith([{ environments: ['production'] }]))
  api.process.kill('SIGHUP')
  await api.untilLogged('settings reloaded')
  await expect(deploy()).rejects.toMatchObject({ code: 'ENVIRONMENT_PROTECTED' })

  await api.writeSettings('protections: [{ environments: production }]')
  api.process.kill('SIGHUP')
  await api.untilLogged('settings are not valid: nothing is reloaded')
  await expect(deploy()).rejects.toMatchObject({ code: 'ENVIRONMENT_PROTECTED' })
})

it('reloads identity providers on SIGHUP, and says where that takes a restart', async () => {
  const corp = { issuer: 'http://127.0.0.1:9/', clientId: 'vesemir', label: 'Corp' }
  const settingsWith = (changes: object) =>
    JSON.stringify({ port: 0, orders: 'unsigned', clusters: ['eu'], ...changes })
  const front = { url: 'http://vesemir.example', cookieSecret: 'a secret of more than 32 characters' }
  const env = { VESEMIR_TOKENS: `ada:admin:${token}` }
  await using api = await startProcess(settingsWith(front), env)
  await using bare = await startProcess(settingsWith({}), env)
  const providersOf = async (process: typeof api) => {
    const url = await process.url()
    const [listed, page] = await Promise.all(['/v1/sign-in', '/sign-in'].map((path) => fetch(url + path)))
    return { listed: await listed!.json(), page: /Sign in with \w+/.exec(await page!.text())?.[0] }
  }
  expect(await providersOf(api)).toEqual({ listed: { providers: [] }, page: undefined })

  for (const process of [api, bare]) {
    await process.url()
    await process.writeSettings(settingsWith({ ...front, signIn: { corp } }))
    process.process.kill('SIGHUP')
    await process.untilLogged('settings reloaded')
  }

  const offered = { listed: { providers: [{ name: 'corp', label: 'Corp' }] }, page: 'Sign in with Corp' }
  expect(await providersOf(api)).toEqual(offered)
  expect(await providersOf(bare)).toEqual({ listed: { providers: [] }, page: undefined })
  expect(bare.lines.join('\n')).toContain('signIn takes effect after a restart')
  await api.writeSettings(settingsWith({ ...front, signIn: { corp: { ...corp, issuer: 'http://corp.example' } } }))
  api.process.kill('SIGHUP')
  await api.untilLogged('settings are not valid: nothing is reloaded')
  expect(await providersOf(api)).toEqual(offered)
})

it('serves HTTPS by its own certificate, replaces that on SIGHUP, and reaches Redis by TLS', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vesemir-tls-'))
  const [first, second, ofRedis] = [makeCertificate(folder), makeCertificate(folder), makeCertificate(folder)]
  const redisTls = { certificate: ofRedis.caFile, key: ofRedis.keyFile, ca: ofRedis.caFile }
  await using guarded = await startRedis({ tls: redisTls })
  const settingsWith = ({ caFile: certificate, keyFile: key }: typeof first) =>
    JSON.stringify({ port: 0, orders: 'unsigned', clusters: ['eu'], tls: { certificate, key }, redisTls })
  const env = { VESEMIR_TOKENS: `ada:admin:${token}`, VESEMIR_REDIS_URL: guarded.url }
  await using api = await startProcess(settingsWith(first), env)
  const url = await api.url()
  const ask = (ca: string) =>
    new Promise<string | number | undefined>((resolve) => {
      get(`${url}/v1/locks`, { ca, agent: false, headers: { authorization: `Bearer ${token}` } }, (answer) => {
        resolve(`${answer.statusCode} ${answer.headers['strict-transport-security']}`)
        answer.resume()
      }).on('error', ({ code }: NodeJS.ErrnoException) => resolve(code))
    })

  expect(url).toMatch(/^https:/)
  expect(await ask(first.ca)).toBe('200 max-age=31536000')
  expect(await ask(second.ca)).toBe('DEPTH_ZERO_SELF_SIGNED_CERT')
  await api.writeSettings(settingsWith(second))
  api.process.kill('SIGHUP')
  await api.untilLogged('settings reloaded')

  expect(await ask(second.ca)).toBe('200 max-age=31536000')
  expect(await ask(first.ca)).toBe('DEPTH_ZERO_SELF_SIGNED_CERT')
  await rm(folder, { recursive: true })
})

it('logs that Redis refuses its password, and not the password', async () => {
  await using guarded = await startRedis()
  await guarded.connect().config('SET', 'requirepass', 'another')
  await using api = await startProcess('port: 0\norders: unsigned\nclusters: [eu]', {
    VESEMIR_TOKENS: `ada:admin:${token}`,
    VESEMIR_REDIS_URL: guarded.url.replace('redis://', 'redis://:hunter2@'),
  })
  await api.url()

  api.process.kill('SIGTERM')
  await api.ended

  expect(api.lines.join('\n')).toContain('WRONGPASS')
  expect(api.lines.join('\n')).not.toContain('hunter2')
})

it.each([
  {
    settings: 'port: 0',
    names: ['clusters: is missing', 'tokens: name at least one token', 'orders: is needed: make keys'],
  },
  {
    settings: 'clusters: [eu]\nredis: http://x\nlisten: 1',
    names: ['redis: is not a redis:', 'listen: unknown setting'],
  },
  {
    settings: `clusters: [eu]\ntokens: { ada: { role: root, sha256: ${token} } }`,
    names: ['tokens.ada.role', 'tokens.ada.sha256'],
  },
  {
    settings: `clusters: [eu]\ntokens: { ada: { role: admin, sha256: ${hash('sha256', 'test')} } }`,
    names: ['tokens.ada.sha256: is the SHA-256 of a word that anyone guesses'],
  },
  {
    settings:
      'clusters: [eu]\ntokens: {}\nsignIn: { a: { issuer: "http://idp.example", clientId: v }, b: { issuer: "https://idp.example", clientId: v } }',
    names: ['signIn.a.issuer: is not an https: address'],
  },
  {
    settings: 'clusters: [eu]\ntokens: {}\naudit: { keepDays: 400 }',
    names: ['audit.keepDays: needs audit.file: what is removed from Redis would be nowhere'],
  },
  { settings: 'clusters: [eu', names: ['api.yml is not valid', 'api.yml:1:14'] },
  { settings: 'hello', names: ['the file is a string; write one'] },
  { settings: 'port: many', names: ['api.yml:1:1  port: "many" is not a number', '→ Fix the named setting or file.'] },
])('names every wrong setting and ends with 2: $settings', async ({ settings, names }) => {
  await using api = await startProcess(settings, { VESEMIR_REDIS_URL: '' })

  const { code } = await api.ended

  expect(code).toBe(2)
  for (const name of names) expect(api.lines.join('\n')).toContain(name)
  expect(api.lines.join('\n')).not.toContain(token)
})

it('removes what is too old from the audit log, once a file has it', async () => {
  await using own = await startRedis()
  const redis = own.connect()
  const dayMs = 86_400_000
  for (const days of [500, 450, 10]) {
    const auditLog = createAuditLog(redis, { clock: { now: () => Date.now() - days * dayMs } })
    await auditLog.append({ who: `${days}`, action: 'putLock', outcome: 'succeeded' })
  }
  const folder = await mkdtemp(join(tmpdir(), 'vesemir-audit-'))
  const file = join(folder, 'audit.jsonl')
  const settings = JSON.stringify({ port: 0, orders: 'unsigned', clusters: ['eu'], audit: { file, keepDays: 400 } })

  await using api = await startProcess(settings, { VESEMIR_REDIS_URL: own.url, VESEMIR_TOKENS: `ada:admin:${token}` })
  await api.untilLogged('audit entries removed')

  const left = createAuditLog(redis, { clock: Date })
  expect((await left.read({ limit: 10 })).map(({ who, action }) => `${who} ${action}`)).toEqual([
    ' removeAuditEntries',
    '10 putLock',
  ])
  expect(await left.verify()).toMatchObject({ entries: 2, problems: [] })
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ after: { removedTo: 2 } })
  await rm(folder, { recursive: true })
})
