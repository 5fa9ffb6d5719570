import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from 'node:zlib'
import { createHostWorker } from '@vesemir/store/queue'
import { aSpec } from '@vesemir/contract/testing'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { routes } from '@vesemir/contract'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { say, startStory } from '../testing/story.ts'
import { bearer, seals, startApi, tokenOf, type TestApi } from '../testing/start-api.ts'

let server: RedisServer
let pageFolder: string
let helpFolder: string
const longScript = 'start()\n'.repeat(1000)
const compressedAhead = brotliCompressSync(`${longScript}// compressed by the build`)
beforeAll(async () => {
  server = await startRedis()
  pageFolder = await mkdtemp(join(tmpdir(), 'vesemir-page-'))
  await mkdir(join(pageFolder, 'assets'))
  await writeFile(join(pageFolder, 'index.html'), '<title>the page</title>')
  await writeFile(join(pageFolder, 'assets', 'main-1a2b.js'), 'start()')
  const files = {
    'index.html': { file: 'assets/main-1a2b.js' },
    'src/pages/deployment-page.tsx': { file: 'assets/deployment-5e6f.js', imports: ['_ask.js', 'index.html'] },
    '_ask.js': { file: 'assets/ask-7a8b.js', imports: ['index.html'] },
  }
  await writeFile(join(pageFolder, 'files.json'), JSON.stringify(files))
  await writeFile(join(pageFolder, 'assets', 'long-3c4d.js'), longScript)
  await writeFile(join(pageFolder, 'assets', 'ahead-9c0d.js'), longScript)
  await writeFile(join(pageFolder, 'assets', 'ahead-9c0d.js.br'), compressedAhead)
  helpFolder = await mkdtemp(join(tmpdir(), 'vesemir-help-'))
  for (const [name, text] of Object.entries({ index: 'what it is', cli: 'the commands', '404': 'no such page' }))
    await writeFile(join(helpFolder, `${name}.html`), `<title>${text}</title>`)
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  for (const folder of [pageFolder, helpFolder]) await rm(folder, { recursive: true })
})

const html = { accept: 'text/html,*/*' }

describe('the web page', () => {
  it('is served without a token, at every address that is not of the API', async () => {
    await using api = await startApi(server, { pageFolder })

    for (const url of ['/', '/deployments/d-42?host=web1']) {
      const answer = await api.app.inject({ url, headers: html })
      expect(answer.body).toBe('<title>the page</title>')
      expect(answer.headers['cache-control']).toBe('no-cache')
      expect(answer.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'")
    }
    for (const method of ['GET', 'HEAD'] as const)
      expect((await api.app.inject({ method, url: '/' })).headers['content-type']).toContain('text/html')
    const script = await api.app.inject('/assets/main-1a2b.js')
    expect(script.headers['cache-control']).toContain('immutable')
    expect((await api.app.inject({ url: '/v1/nothing', headers: html })).statusCode).toBe(401)
    expect((await api.app.inject({ url: '/assets/other.js' })).statusCode).toBe(401)
    expect((await api.app.inject({ url: '/..%2f..%2fetc/passwd' })).statusCode).toBe(401)
  })

  it('names to a browser that may be signed in what the page of an address begins with', async () => {
    await using api = await startApi(server, { pageFolder })
    const linksOf = async (url: string, headers = {}) =>
      (await api.app.inject({ url, headers: { ...html, ...headers } })).headers['link']
    const session = '</v1/session>; rel=preload; as=fetch; crossorigin'

    expect(await linksOf('/deployments/d-42?host=web1', { cookie: 'a=b' })).toBe(
      [
        session,
        '</v1/deployments/d-42>; rel=preload; as=fetch; crossorigin',
        '</assets/deployment-5e6f.js>; rel=modulepreload',
        '</assets/ask-7a8b.js>; rel=modulepreload',
        '</assets/main-1a2b.js>; rel=modulepreload',
      ].join(', '),
    )
    for (const url of ['/', '/deployments/new', '/deployments/d-0', '/deployments/d-42/other', '/deployments/d-4%3E'])
      expect(await linksOf(url, { cookie: 'a=b' })).toBe(session)
    expect(await linksOf('/deployments/d-42')).toBe(undefined)
  })
})

describe('the documentation', () => {
  it('is served without a token, each page at its name', async () => {
    await using api = await startApi(server, { pageFolder, helpFolder })
    const read = async (url: string) => {
      const { statusCode, body, headers } = await api.app.inject({ url, headers: html })
      return [statusCode, headers['location'] ?? body.replaceAll(/<.*?>/g, ''), headers['content-security-policy']]
    }
    const strict = expect.stringMatching(/^default-src 'none'; script-src 'self'; style-src 'self';/)

    expect(await read('/help/')).toEqual([200, 'what it is', strict])
    expect(await read('/help/cli')).toEqual([200, 'the commands', strict])
    expect(await read('/help/nothing')).toEqual([404, 'no such page', strict])
    expect(await read('/help')).toEqual([302, '/help/', expect.anything()])
    expect(await read('/help/..%2f..%2fetc/passwd')).toEqual([404, 'no such page', strict])
  })
})

describe('what is answered', () => {
  it.each([
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const)('is compressed with %s for whoever takes that', async (encoding, decompress) => {
    await using api = await startApi(server, { pageFolder })

    const take = { 'accept-encoding': encoding }
    const script = await api.app.inject({ url: '/assets/long-3c4d.js', headers: take })
    const docs = await api.app.inject({ url: '/docs/json', headers: { ...bearer('viewer'), ...take } })

    expect(script.headers).toMatchObject({
      'content-encoding': encoding,
      vary: expect.stringContaining('accept-encoding'),
    })
    expect(script.rawPayload.length).toBeLessThan(longScript.length / 10)
    expect(decompress(script.rawPayload).toString()).toBe(longScript)
    expect(docs.headers['content-encoding']).toBe(encoding)
    expect(JSON.parse(decompress(docs.rawPayload).toString())).toHaveProperty('openapi')
  })

  it('is sent as the build has compressed it, to whoever takes that', async () => {
    await using api = await startApi(server, { pageFolder })
    const read = (encoding: string) =>
      api.app.inject({ url: '/assets/ahead-9c0d.js', headers: { 'accept-encoding': encoding } })

    const [compressed, other, plain] = [await read('gzip, br'), await read('gzip'), await read('identity')]

    expect(compressed.headers).toMatchObject({
      'content-encoding': 'br',
      'content-type': expect.stringContaining('javascript'),
      'cache-control': expect.stringContaining('immutable'),
      'content-security-policy': expect.stringContaining("script-src 'self'"),
      vary: expect.stringContaining('accept-encoding'),
    })
    expect(compressed.rawPayload).toEqual(compressedAhead)
    expect(gunzipSync(other.rawPayload).toString()).toBe(longScript)
    expect(plain.body).toBe(longScript)
  })

  it('is not sent again to whoever has it', async () => {
    await using api = await startApi(server)
    const read = (headers = {}) =>
      api.app.inject({ url: '/v1/deployments', headers: { ...bearer('viewer'), ...headers } })
    const first = await read()

    const same = await read({ 'if-none-match': first.headers.etag })
    await startStory(api)
    const changed = await read({ 'if-none-match': `"other", ${first.headers.etag}` })
    const refused = await api.app.inject({ url: '/v1/deployments', headers: { 'if-none-match': '*' } })

    expect([first.statusCode, same.statusCode, same.body, changed.statusCode]).toEqual([200, 304, '', 200])
    expect([refused.statusCode, refused.headers.etag]).toEqual([401, undefined])
  })
})

describe('the sign-in page', () => {
  const signIn = (api: TestApi, payload: string, headers: Record<string, string> = {}) =>
    api.app.inject({
      method: 'POST',
      url: '/sign-in',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      payload,
    })

  it('takes whoever opens a page of the API to it and back, signed in', async () => {
    await using api = await startApi(server)

    const sent = await api.app.inject({ url: '/queues/queue/x?a=b', headers: html })
    const form = await api.app.inject(sent.headers.location!)
    const answer = await signIn(api, `token=${tokenOf('deployer')}&next=%2Fqueues%2Fqueue%2Fx%3Fa%3Db`)
    const cookie = String(answer.headers['set-cookie']).split(';')[0]!
    const back = await api.app.inject({ url: answer.headers.location!, headers: { ...html, cookie } })

    expect(sent.statusCode).toBe(303)
    expect(form.body).toContain('value="/queues/queue/x?a=b"')
    expect(answer.headers.location).toBe('/queues/queue/x?a=b')
    expect(back.statusCode).toBe(200)
  })

  it.each(['https://evil.example', '//evil.example', '/\\evil.example'])('does not lead to %s', async (next) => {
    await using api = await startApi(server)

    const answer = await signIn(api, new URLSearchParams({ token: tokenOf('viewer'), next }).toString())

    expect(answer.headers.location).toBe('/')
  })

  it('reports an unknown token, and refuses forms of other sites', async () => {
    await using api = await startApi(server)

    const wrong = await signIn(api, 'token=wrong&next=%22%3E%3Cscript%3E')
    const foreign = await signIn(api, `token=${tokenOf('viewer')}`, { origin: 'http://evil.example' })

    expect(wrong.statusCode).toBe(401)
    expect(wrong.body).toContain('Unknown token')
    expect(wrong.body).not.toContain('<script')
    expect(foreign.statusCode).toBe(403)
    expect(foreign.headers['set-cookie']).toBeUndefined()
  })
})

describe('the reference of the API', () => {
  it('holds every route of the contract, for those who have signed in', async () => {
    await using api = await startApi(server)

    const answer = await api.app.inject({ url: '/docs/json', headers: bearer('viewer') })
    const page = await api.app.inject({ url: '/docs/', headers: { ...html, ...bearer('viewer') } })

    const { paths, components } = answer.json<{
      paths: Record<string, Record<string, { operationId: string }>>
      components: { schemas: Record<string, object> }
    }>()
    const operations = Object.values(paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId))
    expect(operations.toSorted()).toEqual(Object.keys(routes).toSorted())
    expect(Object.keys(components.schemas)).toEqual(
      expect.arrayContaining(['GivenRequestInput', 'DeploymentView', 'Problem']),
    )
    const named = Object.keys(components.schemas).map((name) => `#/components/schemas/${name}`)
    const used = [...answer.body.matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref)
    expect(new Set(named)).toEqual(new Set(used))
    expect(components.schemas).toMatchObject({
      GivenRequestInput: { examples: [{ version: '1.4.2' }] },
      KeptPlan: { examples: [{ id: 'p-7', plan: { hosts: [{ wave: 1 }, { wave: 1 }] } }] },
      DeploymentView: { examples: [{ deployment: { counts: { succeeded: 1, running: 1 } }, hosts: [{}, {}] }] },
      Pace: { title: 'number of hosts, percentage, or list of these' },
      ChangesSettings: { properties: { compareUrl: {} } },
    })
    // Once as it is sent, and once as it is answered.
    expect(answer.body.match(/sizes of waves/g)).toHaveLength(2)
    expect(answer.body.match(/Page that compares two versions/g)).toHaveLength(2)
    expect(page.statusCode).toBe(200)
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect((await api.app.inject('/docs/json')).statusCode).toBe(401)
  })
})

describe('the queue dashboard', () => {
  /** A deployment with its job, and the job of a host. */
  async function addJobs(api: TestApi) {
    const { id } = await api.records.deployments.create({
      spec: aSpec({ version: '1.4.2', cluster: 'eu' }),
      requestedBy: 'ada',
    })
    const deployment = (await api.records.deployments.read(id))!
    await api.queues.enqueueDeployment(deployment)
    await api.queues.hostJobs(deployment).start(id, { host: 'web1', after: 0 })
    return { id, jobId: `${id}~web1` }
  }
  const read = async (api: TestApi, url: string, role: 'viewer' | 'deployer' = 'deployer') =>
    (await api.app.inject({ url, headers: bearer(role) })).json<{
      queues: {
        name: string
        displayName: string
        description: string
        readOnlyMode: boolean
        jobs: { name: string; externalUrl: object }[]
      }[]
    }>()

  it('names what a person understands, and leads to the deployment', async () => {
    await using api = await startApi(server)
    const { id } = await addJobs(api)

    const { queues } = await read(api, '/queues/api/queues?activeQueue=hosts-eu&status=latest')

    expect(queues.map(({ displayName }) => displayName)).toEqual([
      'eu: deployments',
      'eu: hosts',
      'eu: questions',
      'eu: notifications',
      'us: deployments',
      'us: hosts',
      'us: questions',
      'us: notifications',
    ])
    expect(queues.find(({ name }) => name === 'hosts-eu')!.jobs).toMatchObject([
      {
        name: 'payments 1.4.2 → production, web1',
        externalUrl: { displayText: `Deployment ${id}`, href: `/deployments/${id}?host=web1` },
      },
    ])
  })

  it('says what each queue is for, and leads from a message to its deployment', async () => {
    await using api = await startApi(server)
    const { id } = await addJobs(api)
    const about = { id, application: 'payments', environment: 'production', version: '1.4.2', team: 'core' }
    await api.queues.enqueueNotice({
      to: 'ops',
      notice: {
        id: `${id}-started`,
        at: '2026-01-01T00:00:00.000Z',
        event: 'started',
        hosts: 2,
        waves: 1,
        deployment: { ...about, cluster: 'eu', requestedBy: 'ada' },
      },
    })

    const { queues } = await read(api, '/queues/api/queues?activeQueue=notifications-eu&status=latest')

    expect(queues.filter(({ description }) => !/^[A-Z].* Cluster (eu|us)\.$/.test(description))).toEqual([])
    expect(queues.find(({ name }) => name === 'notifications-eu')!.jobs).toMatchObject([
      { name: 'ops: payments 1.4.2 to production started', externalUrl: { href: `/deployments/${id}` } },
    ])
  })

  it('shows a failed host with its output and what to do, and waiting once it is retried', async () => {
    await using api = await startApi(server)
    const { id, deployment, web1 } = await startStory(api)
    const failure = { code: 'SSH_TIMED_OUT', message: 'web1 did not answer in 10s' }
    await say(web1, 'stdout', 'fetching 1.4.2')
    await web1.append({ type: 'host.ended', host: 'web1', outcome: 'failed', traffic: 'restored', failure })
    await api.queues.hostJobs(deployment.deployment).start(id, { host: 'web1', after: 0 })
    await using _worker = await startHostWorker(api, () =>
      Promise.reject(new Error(`${failure.code}: ${failure.message}`)),
    )
    const job = `/queues/api/queues/hosts-eu/${encodeURIComponent(`${id}~web1`)}`
    const look = async () =>
      (await api.app.inject({ url: job, headers: bearer('deployer') })).json<{
        job: { name: string; isFailed: boolean; failedReason?: string; stacktrace: string[] }
      }>().job
    await vi.waitFor(async () => expect(await look()).toMatchObject({ isFailed: true }))

    const failed = await look()
    const logs = (await api.app.inject({ url: `${job}/logs`, headers: bearer('deployer') })).json<string[]>()
    await deployment.append({ type: 'hosts.requeued', hosts: ['web1'], intent: 'deploy', by: 'ada' })
    const retried = await look()

    expect(failed).toMatchObject({ name: 'payments 1.4.2 → production, web1 · failed', stacktrace: [] })
    expect(failed.failedReason).toMatch(/^SSH_TIMED_OUT: web1 did not answer in 10s\n→ [A-Z]/)
    expect(logs).toEqual([expect.stringMatching(/^\d{4}-.*Z deploy: fetching 1\.4\.2$/)])
    expect(retried).toMatchObject({ name: 'payments 1.4.2 → production, web1 · pending', isFailed: false })
  })

  it('hides from deployers what only admins may do', async () => {
    await using api = await startApi(server)
    const open = async (role: 'deployer' | 'admin') =>
      (await api.app.inject({ url: '/queues/', headers: { ...html, ...bearer(role) } })).body

    const hidden = ['ul[class^="jobActions-"]', 'ul[class^="queueActions-"]', 'main button[class^="trigger-"]']
    const [deployers, admins] = [await open('deployer'), await open('admin')]
    expect(hidden.filter((each) => !deployers.includes(each))).toEqual([])
    expect(deployers).toContain('{ display: none }')
    expect(admins).not.toContain('display: none }')
    expect(admins).toContain('> .error { white-space: pre-line }')
  })

  it('retries a host whose walk has ended by a command of who asks', async () => {
    await using api = await startApi(server)
    const { id, deployment, web1 } = await startStory(api)
    await api.queues.hostJobs(deployment.deployment).start(id, { host: 'web1', after: 0 })
    await web1.append({ type: 'host.ended', host: 'web1', outcome: 'failed', traffic: 'restored' })
    const retry = () =>
      api.app.inject({
        method: 'PUT',
        url: `/queues/api/queues/hosts-eu/${encodeURIComponent(`${id}~web1`)}/retry`,
        headers: bearer('deployer'),
      })

    const retried = await retry()
    const { commands } = (await api.records.deployments.read(id))!
    const again = await retry()

    expect([retried, again].map(({ statusCode }) => statusCode)).toEqual([204, 204])
    expect(commands).toMatchObject([{ command: { command: 'retry', hosts: ['web1'] }, by: 'deployer-name' }])
    expect(await api.queues.hasJob(deployment.deployment)).toBe(true)
  })

  it('is read-only for viewers, takes retries from deployers, and the rest from admins', async () => {
    await using api = await startApi(server)
    const { jobId } = await addJobs(api)
    let runs = 0
    await using _worker = await startHostWorker(api, async () => {
      runs += 1
      if (runs === 1) throw new Error('the first run fails')
    })
    const hosts = api.queues.all.find(({ name }) => name === 'hosts-eu')!
    await vi.waitFor(async () => expect(await hosts.getFailedCount()).toBe(1))
    const put = async (path: string, role: 'viewer' | 'deployer' | 'admin', base = '/queues') =>
      (await api.app.inject({ method: 'PUT', url: `${base}/api/queues/hosts-eu/${path}`, headers: bearer(role) }))
        .statusCode
    const retry = `${encodeURIComponent(jobId)}/retry`

    const view = await read(api, '/queues/view/api/queues', 'viewer')
    const sent = await api.app.inject({ url: '/queues/queue/hosts-eu', headers: bearer('viewer') })

    expect(view.queues.every(({ readOnlyMode }) => readOnlyMode)).toBe(true)
    expect(sent.headers.location).toBe('/queues/view/queue/hosts-eu')
    expect(await put(retry, 'viewer')).toBe(403)
    expect(await put(retry, 'admin', '/queues/view')).toBe(405)
    expect(await put(retry, 'deployer')).toBe(204)
    await vi.waitFor(() => expect(runs).toBe(2))
    expect(await put('pause', 'deployer')).toBe(403)
    expect(await put('pause', 'admin')).toBe(200)
  })
})

/** Starts a worker that does this with each host of cluster eu. */
async function startHostWorker({ prefix }: TestApi, process: () => Promise<void>) {
  const redis = server.connect({ maxRetriesPerRequest: null })
  const worker = createHostWorker(redis, { cluster: 'eu', concurrency: 1, prefix, seals, onError: () => {}, process })
  await worker.ready()
  return worker
}
