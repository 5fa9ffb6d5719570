import { aPlan } from '@vesemir/contract/testing'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { createClient, type Role } from '@vesemir/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anApplication, startApi, tokenOf, type TestApi } from '../testing/start-api.ts'
import { startStory } from '../testing/story.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const order = { application: 'payments', environment: 'production', version: '1.4.2' }
const place = { application: 'payments', environment: 'production' }
const as = (api: TestApi, role: Role) => createClient({ url: api.url, token: tokenOf(role) })

async function startWithApplication() {
  const api = await startApi(server)
  await api.records.applications.put(anApplication())
  return api
}

describe('commands', () => {
  it('are recorded with who gave them, once, and refused where they make no sense', async () => {
    await using api = await startWithApplication()
    const { id } = await startStory(api)

    const first = await as(api, 'deployer').commandDeployment(id, { command: 'pause', reason: 'lunch' })
    const approve = as(api, 'deployer').commandDeployment(id, { command: 'approve' })

    expect(first).toEqual({ id, changed: true })
    await expect(approve).rejects.toMatchObject({ code: 'COMMAND_REFUSED', problem: { status: 409 } })
    expect((await api.records.deployments.read(id))!.commands).toMatchObject([
      { command: { command: 'pause', reason: 'lunch' }, by: 'deployer-name' },
    ])
  })

  it('give a deployment that had ended and is to be retried to the workers again', async () => {
    await using api = await startWithApplication()
    const { id, deployment } = await startStory(api)
    await deployment.end({ type: 'deployment.ended', outcome: 'failed' })
    const [queue] = api.queues.all
    const before = await queue!.getJob(id)

    await as(api, 'deployer').commandDeployment(id, { command: 'retry' })

    expect(before).toBeUndefined()
    expect(await queue!.getJobState(id)).toBe('waiting')
  })

  it('are not for viewers, and not for deployments that there are not', async () => {
    await using api = await startWithApplication()

    const give = (role: Role, id: string, command: string) => as(api, role).commandDeployment(id, { command } as never)

    await expect(give('viewer', 'd-1', 'pause')).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(give('deployer', 'd-99', 'pause')).rejects.toMatchObject({ code: 'DEPLOYMENT_UNKNOWN' })
    await expect(give('deployer', 'd-1', 'explode')).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      problem: { errors: [{ field: 'command' }] },
    })
  })
})

describe('a superseded deployment', () => {
  const startSuperseded = async (api: TestApi) => {
    const { id, deployment } = await startStory(api)
    await deployment.end({ type: 'deployment.ended', outcome: 'succeeded' })
    const { id: newer } = await api.records.deployments.create({
      spec: { ...deployment.deployment.spec, version: '2.0.0' },
      requestedBy: 'ada',
    })
    const claim = await api.records.claims.claimDeployment(newer, 'w1')
    await claim.append({ type: 'deployment.planned', plan: aPlan(['web-1']) })
    await claim.supersede()
    return { id, newer }
  }

  it('accepts no command that walks hosts, unless an admin forces it with a reason', async () => {
    await using api = await startWithApplication()
    const { id, newer } = await startSuperseded(api)
    const forced = { command: 'rollback', force: true } as const

    const refused = as(api, 'admin').commandDeployment(id, { command: 'rollback' })
    await expect(refused).rejects.toMatchObject({
      code: 'DEPLOYMENT_SUPERSEDED',
      message: expect.stringContaining(`${newer} (2.0.0)`) as string,
      problem: { status: 409 },
    })
    const byDeployer = as(api, 'deployer').commandDeployment(id, { ...forced, reason: 'it leaks' })
    await expect(byDeployer).rejects.toMatchObject({ code: 'FORBIDDEN' })
    const unexplained = as(api, 'admin').commandDeployment(id, forced)
    await expect(unexplained).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      problem: { errors: [{ field: 'reason' }] },
    })
    const accepted = await as(api, 'admin').commandDeployment(id, { ...forced, reason: 'it leaks' })

    expect(accepted.changed).toBe(true)
  })
})

describe('locks', () => {
  it('hold deployments off until they are taken off, and say who put them on and why', async () => {
    await using api = await startWithApplication()
    const deployer = as(api, 'deployer')

    const put = await deployer.putLock(place, 'a sale')
    const refused = deployer.createDeployment({ ...order, wait: false })
    await expect(refused).rejects.toMatchObject({
      code: 'DEPLOYMENTS_LOCKED',
      message: 'deployer-name has locked payments in production: a sale',
    })
    const { id } = await deployer.createDeployment(order)
    const [queue] = api.queues.all
    await queue!.drain()
    const left = await deployer.deleteLock(place)

    expect(put).toMatchObject({ ...place, by: 'deployer-name', reason: 'a sale' })
    expect(left).toEqual({ locks: [] })
    expect(await queue!.getJobState(id)).toBe('waiting')
  })

  it('are passed over by admins alone', async () => {
    await using api = await startWithApplication()
    await as(api, 'admin').putLock(place, 'a sale')
    const override = { ...order, wait: false, override: true }

    const byAdmin = await as(api, 'admin').createDeployment(override)

    await expect(as(api, 'deployer').createDeployment(override)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(await api.records.deployments.read(byAdmin.id)).toMatchObject({ spec: { override: true } })
  })

  it('stand beside the turn: who does not want to wait is refused while another deployment runs', async () => {
    await using api = await startWithApplication()
    const { id } = await startStory(api)

    const impatient = as(api, 'deployer').createDeployment({ ...order, wait: false })

    await expect(impatient).rejects.toMatchObject({ code: 'DEPLOYMENT_RUNS', message: expect.stringContaining(id) })
  })
})
