import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { createClient, routes, type Problem } from '@vesemir/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anApplication, bearer, startApi, tokenOf } from './testing/start-api.ts'
import { startStory, step } from './testing/story.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const order = { application: 'payments', environment: 'production', version: '1.4.2' }
const json = <Body = Problem>(answer: { json: () => unknown }) => answer.json() as Body

describe('deploying', () => {
  it('answers with the id and its addresses, records who asked, and gives the job to the workers', async () => {
    await using api = await startApi(server)
    await api.records.applications.put(anApplication())

    const answer = await api.app.inject({
      method: 'POST',
      url: '/v1/deployments',
      headers: bearer('deployer'),
      payload: { ...order, reason: 'fix' },
    })

    expect(answer.statusCode).toBe(202)
    expect(answer.headers.location).toBe('/v1/deployments/d-1')
    expect(answer.json()).toEqual({
      id: 'd-1',
      links: { self: '/v1/deployments/d-1', events: '/v1/deployments/d-1/events' },
    })
    expect(await api.records.deployments.read('d-1')).toMatchObject({
      requestedBy: 'deployer-name',
      spec: { ...order, reason: 'fix', team: 'core', concurrency: 1 },
      state: { status: 'queued' },
    })
    const jobs = await Promise.all(api.queues.all.map((queue) => queue.getJobs()))
    expect(jobs.flat().map(({ id, queueName }) => [id, queueName])).toEqual([['d-1', 'deployments-eu']])
  })

  it('makes one deployment of a repeated Idempotency-Key, and refuses it for another request', async () => {
    await using api = await startApi(server)
    await api.records.applications.put(anApplication())
    const client = createClient({ url: api.url, token: tokenOf('deployer') })

    const first = await client.createDeployment(order, { idempotencyKey: 'k' })
    const again = await client.createDeployment(order, { idempotencyKey: 'k' })
    const other = client.createDeployment({ ...order, version: '1.4.3' }, { idempotencyKey: 'k' })

    expect(again).toEqual(first)
    await expect(other).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED', problem: { status: 422 } })
    expect((await client.listDeployments()).deployments).toHaveLength(1)
  })

  it('enqueues at the repetition what was recorded and not enqueued', async () => {
    await using api = await startApi(server)
    await api.records.applications.put(anApplication())
    const client = createClient({ url: api.url, token: tokenOf('deployer') })
    await client.createDeployment(order, { idempotencyKey: 'k' })
    const [queue] = api.queues.all
    await queue!.drain()

    await client.createDeployment(order, { idempotencyKey: 'k' })

    expect(await queue!.getJobCountByTypes('wait')).toBe(1)
  })

  it.each([
    { body: { ...order, application: 'ghost' }, status: 404, code: 'APPLICATION_UNKNOWN', fields: undefined },
    { body: { ...order, environment: 'qa' }, status: 422, code: 'ENVIRONMENT_UNKNOWN', fields: ['environment'] },
    { body: { ...order, cluster: 'mars' }, status: 422, code: 'CLUSTER_UNKNOWN', fields: ['cluster'] },
    { body: { ...order, version: '1\n2' }, status: 400, code: 'REQUEST_INVALID', fields: ['version'] },
    { body: { ...order, version: '1; rm -rf /' }, status: 400, code: 'REQUEST_INVALID', fields: ['version'] },
    { body: { ...order, concurrency: 0 }, status: 400, code: 'REQUEST_INVALID', fields: ['concurrency'] },
    { body: { ...order, concurrency: '101%' }, status: 400, code: 'REQUEST_INVALID', fields: ['concurrency'] },
    {
      body: { application: 'payments', typo: 1 },
      status: 400,
      code: 'REQUEST_INVALID',
      fields: ['environment', 'version', 'typo'],
    },
  ])('refuses $body with $code and records nothing', async ({ body, status, code, fields }) => {
    await using api = await startApi(server)
    await api.records.applications.put(anApplication())

    const answer = await api.app.inject({
      method: 'POST',
      url: '/v1/deployments',
      headers: bearer('deployer'),
      payload: body,
    })

    expect(answer.headers['content-type']).toBe('application/problem+json')
    const problem = json(answer)
    expect(problem).toMatchObject({ status, code, hint: expect.any(String) })
    expect(answer.statusCode).toBe(status)
    expect(problem.errors?.map(({ field }) => field)).toEqual(fields)
    expect((await api.records.deploymentIndex.list({ limit: 1 })).deployments).toEqual([])
  })

  it('names the field, its value and what would be right', async () => {
    await using api = await startApi(server)

    const answer = await api.app.inject({
      method: 'POST',
      url: '/v1/deployments',
      headers: bearer('deployer'),
      payload: {
        ...order,
        version: '1\n2',
        loadBalancer: { kind: 'nginx' },
        healthCheck: { kind: 'tcp', port: 'http' },
      },
    })

    expect(json(answer).errors).toEqual([
      { field: 'version', message: expect.stringContaining('"1\\n2" is not a version: letters, digits') },
      { field: 'loadBalancer.kind', message: expect.stringContaining('haproxy') },
      { field: 'healthCheck.port', message: '"http" is not a number' },
    ])
  })

  it.each([
    ['/v1/deployments?aplication=payments', 'aplication', 'unknown setting; did you mean application?'],
    ['/v1/locks?application=payments', 'application', 'unknown setting'],
  ])('names an unknown part of a query: %s', async (url, field, message) => {
    await using api = await startApi(server)

    const answer = await api.app.inject({ url, headers: bearer('viewer') })

    expect(json(answer)).toMatchObject({ code: 'REQUEST_INVALID', errors: [{ field, message }] })
  })

  it.each([
    { payload: '{"application":', type: 'application/json', status: 400 },
    { payload: 'application=payments', type: 'application/x-www-form-urlencoded', status: 415 },
    { payload: JSON.stringify({ ...order, reason: 'x'.repeat(300_000) }), type: 'application/json', status: 413 },
  ])('answers a body that it cannot read with $status', async ({ payload, type, status }) => {
    await using api = await startApi(server)

    const answer = await api.app.inject({
      method: 'POST',
      url: '/v1/deployments',
      headers: { ...bearer('deployer'), 'content-type': type },
      payload,
    })

    expect(json(answer)).toMatchObject({ status, code: 'REQUEST_INVALID' })
    expect(answer.statusCode).toBe(status)
  })
})

describe('reading', () => {
  it('lists deployments newest first, in pages, by what they are filtered by', async () => {
    await using api = await startApi(server)
    await api.records.applications.put(anApplication())
    await api.records.applications.put(anApplication({ name: 'shop', team: 'store' }))
    const client = createClient({ url: api.url, token: tokenOf('deployer') })
    for (const application of ['payments', 'shop', 'payments', 'payments'])
      await client.createDeployment({ ...order, application })

    const first = await client.listDeployments({ application: 'payments', limit: 2 })
    const second = await client.listDeployments({ application: 'payments', limit: 2, before: first.next! })

    expect(first.deployments.map(({ id }) => id)).toEqual(['d-4', 'd-3'])
    expect(second.deployments.map(({ id }) => id)).toEqual(['d-1'])
    expect(second.next).toBeUndefined()
    expect((await client.listDeployments({ team: 'store' })).deployments.map(({ id }) => id)).toEqual(['d-2'])
  })

  it('gives a deployment and its events, and says which there is not', async () => {
    await using api = await startApi(server)
    await api.records.applications.put(anApplication())
    const client = createClient({ url: api.url, token: tokenOf('deployer') })
    const { id } = await client.createDeployment(order)

    const view = await client.getDeployment(id)
    const page = await client.listEvents(id)

    expect(view).toMatchObject({ deployment: { id, spec: order }, hosts: [], cursor: 1 })
    expect(page).toMatchObject({ events: [{ seq: 1, type: 'deployment.queued' }], next: 1, ended: false })
    await expect(client.getDeployment('d-99')).rejects.toMatchObject({ code: 'DEPLOYMENT_UNKNOWN' })
    await expect(client.listEvents('d-99')).rejects.toMatchObject({ code: 'DEPLOYMENT_UNKNOWN' })
    await expect(client.listEvents(id, { after: 2 })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
  })

  it('groups failed hosts by cause', async () => {
    await using api = await startApi(server)
    const { id, web1, web2 } = await startStory(api)
    const client = createClient({ url: api.url, token: tokenOf('viewer') })
    for (const [index, claim] of [web1, web2].entries()) {
      const host = claim.host.target.name
      await step(claim)
      const failure = { code: 'SSH_TIMED_OUT', message: `${host} did not answer in ${index + 10}s`, log: ['bye'] }
      await claim.append({ type: 'host.ended', host, outcome: 'unreachable', traffic: 'untouched', failure })
    }

    const { causes } = await client.listFailures(id)

    expect(causes).toEqual([
      {
        status: 'unreachable',
        step: 'connect',
        code: 'SSH_TIMED_OUT',
        reason: 'HOST did not answer in Ns',
        hosts: ['web1', 'web2'],
        sample: {
          host: 'web1',
          failure: { code: 'SSH_TIMED_OUT', message: 'web1 did not answer in 10s', log: ['bye'] },
        },
      },
    ])
    await expect(client.listFailures('d-99')).rejects.toMatchObject({ code: 'DEPLOYMENT_UNKNOWN' })
  })

  it('gives hosts as the record has them, in an answer like any other', async () => {
    await using api = await startApi(server)
    const { id } = await startStory(api)
    await api.records.commands.give(id, { command: { command: 'pause', reason: 'schön – 👍' }, by: 'ada' })

    const answer = await api.app.inject({ url: `/v1/deployments/${id}`, headers: bearer('viewer') })
    const list = await api.app.inject({ url: '/v1/deployments', headers: bearer('viewer') })

    const view = (await api.records.deployments.readView(id))!
    expect(answer.body).toBe(JSON.stringify(view))
    expect(routes.getDeployment.response.parse(answer.json())).toEqual(view)
    expect(view).toMatchObject({ deployment: { commands: [{ by: 'ada' }] }, hosts: [{ attempt: 1 }, { attempt: 0 }] })
    const told = {
      date: expect.any(String),
      etag: expect.any(String),
      'x-request-id': expect.any(String),
      'content-length': String(Buffer.byteLength(answer.body)),
    }
    expect(answer.headers).toEqual({ ...list.headers, ...told })
    expect(api.log).toContainEqual(
      expect.objectContaining({ url: `/v1/deployments/${id}`, statusCode: 200, caller: 'viewer-name' }),
    )
  })

  it('keeps applications as they were put, under their own names', async () => {
    await using api = await startApi(server)
    const client = createClient({ url: api.url, token: tokenOf('admin') })

    await client.putApplication(anApplication())
    const misnamed = await api.app.inject({
      method: 'PUT',
      url: '/v1/applications/other',
      headers: bearer('admin'),
      payload: anApplication(),
    })

    expect(await client.getApplication('payments')).toEqual(anApplication())
    expect((await client.listApplications()).applications).toEqual([anApplication()])
    await expect(client.getApplication('other')).rejects.toMatchObject({ code: 'APPLICATION_UNKNOWN' })
    expect(json(misnamed)).toMatchObject({ code: 'REQUEST_INVALID', errors: [{ field: 'name' }] })
  })
})

describe('who may do what', () => {
  const addresses = Object.values(routes).map(({ method, path }) => ({ method, path: path.replace(/:\w+/, 'd-1') }))

  it('answers nothing but signing in and the health without a token', async () => {
    await using api = await startApi(server)

    const ask = async ({ method, path }: (typeof addresses)[number]) => {
      const { statusCode } = await api.app.inject({ method, url: path })
      return `${method} ${path} ${statusCode}`
    }
    const answers = await Promise.all(addresses.map(ask))

    const open = answers.filter((answer) => !answer.endsWith(' 401'))
    expect(open).toEqual([
      'POST /v1/session 400',
      'GET /v1/sign-in 200',
      'POST /v1/sign-in/d-1/devices 404',
      'POST /v1/sign-in/d-1/devices/token 400',
      'POST /v1/tokens/exchange 400',
    ])
    expect((await api.app.inject('/livez')).statusCode).toBe(200)
    expect((await api.app.inject('/readyz')).statusCode).toBe(200)
    expect((await api.app.inject('/no/such/page')).statusCode).toBe(401)
  })

  it('serves the JSON Schema of an application to editors, which have no token', async () => {
    await using api = await startApi(server)

    const answer = await api.app.inject('/schemas/application.json')

    expect(answer.headers['content-type']).toContain('application/schema+json')
    expect(json(answer)).toMatchObject({ required: ['name'], properties: { healthCheck: {} } })
  })

  it.each([
    ['none that is known', 'Bearer nobody-0123456789'],
    ['an empty one', 'Bearer '],
    ['another scheme', 'Basic YWRtaW46YWRtaW4='],
  ])('refuses a token: %s', async (_name, authorization) => {
    await using api = await startApi(server)

    const answer = await api.app.inject({ url: '/v1/deployments', headers: { authorization } })

    expect(json(answer)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' })
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="vesemir"')
  })

  it('lets viewers read, deployers deploy, and admins change applications', async () => {
    await using api = await startApi(server)
    const application = anApplication()
    const attempt = async (role: 'viewer' | 'deployer' | 'admin') => {
      const put = await api.app.inject({
        method: 'PUT',
        url: '/v1/applications/payments',
        headers: bearer(role),
        payload: application,
      })
      const deploy = await api.app.inject({
        method: 'POST',
        url: '/v1/deployments',
        headers: bearer(role),
        payload: order,
      })
      const read = await api.app.inject({ url: '/v1/deployments', headers: bearer(role) })
      return [put, deploy, read].map(({ statusCode }) => statusCode)
    }

    expect(await attempt('admin')).toEqual([200, 202, 200])
    expect(await attempt('deployer')).toEqual([403, 202, 200])
    expect(await attempt('viewer')).toEqual([403, 403, 200])
  })

  it('says what is not there to those who have signed in', async () => {
    await using api = await startApi(server)

    const answer = await api.app.inject({ url: '/v1/nothing?x=1', headers: bearer('viewer') })

    expect(json(answer)).toMatchObject({ status: 404, code: 'NOT_FOUND', detail: 'GET /v1/nothing not found' })
  })
})
