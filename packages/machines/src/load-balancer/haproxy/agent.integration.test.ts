import type { ServerRef } from '@vesemir/contract'
import type { LoadBalancerSession } from '@vesemir/core'
import { haproxyPrograms } from '@vesemir/testing/haproxy-programs'
import { startAgent, type Agent } from '@vesemir/testing/start-agent'
import { startApp, type App } from '@vesemir/testing/start-app'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { startBox, type Connected, type TestBox } from './testing/start-box.ts'

describe.each(haproxyPrograms)('an agent of HAProxy $version that answers "ready"', (program) => {
  let app: App
  let agent: Agent
  let box: TestBox
  let connected: Connected
  let session: LoadBalancerSession
  let web1: ServerRef

  beforeAll(async () => {
    app = await startApp()
    agent = await startAgent('ready up 100%')
    const agentCheck = `agent-check agent-port ${agent.port} agent-inter 50ms`
    box = await startBox(
      `backend app
  timeout check 5s
  option httpchk GET /
  server web-1 127.0.0.1:${app.port} check inter 50ms rise 2 weight 100 ${agentCheck}`,
      { program },
    )
    web1 = { box: box.name, backend: 'app', server: 'web-1' }
  })
  afterAll(async () => {
    await Promise.all([box, agent, app].map((part) => part[Symbol.asyncDispose]()))
  })
  beforeEach(async () => {
    agent.delayMs = 0
    connected = box.connect()
    session = await connected.open()
    await untilAsked(3)
  })
  afterEach(async () => {
    await connected[Symbol.asyncDispose]()
    await box.haproxy.reload()
  })

  const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 10_000, interval: 10 })
  async function untilAsked(times: number): Promise<void> {
    const before = agent.asked
    await until(() => agent.asked >= before + times)
  }
  /** Time for several answers of the agent: HAProxy checks the application as often. */
  async function untilChecked(): Promise<void> {
    const before = app.requests
    await until(() => app.requests >= before + 6)
  }

  test('does not undo a drain, nor its proof of health', async () => {
    const weights = [{ server: web1, weight: 50 }]
    await session.drain([web1])
    await untilChecked()
    const [drained] = await session.read([web1])
    await session.demandProof(weights)
    await untilChecked()
    const [proven] = await session.read([web1])

    expect(drained).toMatchObject({ admin: 'drain' })
    expect(proven).toMatchObject({ admin: 'drain', health: 'up', weight: 50 })
  })

  test('does not end a maintenance', async () => {
    await session.hold([web1])
    // Nothing is checked in maintenance: another server's checks tell the time.
    await using other = await startBox(`backend app
  option httpchk GET /
  server web-1 127.0.0.1:${app.port} check inter 50ms`)
    await other.haproxy.untilShown(/^app,web-1,.*L7OK/m)
    await untilChecked()
    // One that was asked right before has come by now.
    const before = agent.asked
    await untilChecked()

    expect(await session.read([web1])).toMatchObject([{ admin: 'maint' }])
    expect(agent.asked).toBe(before)
  })

  test('is asked again once the server is back, and its weight counts', async () => {
    const [before] = await session.read([web1])
    await session.drain([web1])
    const [admitted] = await session.admit([{ server: web1, weight: 50, agentChecked: before?.agentChecked }])
    await untilAsked(2)

    expect(before).toMatchObject({ agentChecked: true, weightHeldBy: 'agent' })
    expect(admitted).toMatchObject({ admin: 'ready', agentChecked: true })
    await expect.poll(() => session.read([web1])).toMatchObject([{ admin: 'ready', health: 'up', weight: 100 }])
  })

  test('is left alone where someone has disabled it', async () => {
    await box.haproxy.ask('disable agent app/web-1')
    await vi.waitFor(async () => expect(await session.read([web1])).not.toHaveProperty('0.agentChecked'))

    const [before] = await session.read([web1])
    await session.drain([web1])
    const [admitted] = await session.admit([{ server: web1, weight: 100, agentChecked: before?.agentChecked }])

    expect(admitted).not.toHaveProperty('agentChecked')
    expect(admitted).toMatchObject({ admin: 'ready', weight: 100 })
  })

  test('does not undo a drain by an answer that was on its way', async () => {
    agent.delayMs = 500
    await untilAsked(2)
    const { answered } = agent

    await session.drain([web1])
    await until(() => agent.answered > answered)
    await untilChecked()

    expect(await session.read([web1])).toMatchObject([{ admin: 'drain' }])
  })
})
