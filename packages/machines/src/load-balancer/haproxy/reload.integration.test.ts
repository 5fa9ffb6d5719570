import { get } from 'node:http'
import { expect, test, vi } from 'vitest'
import { freePort } from '@vesemir/process/free-port'
import { haproxyPrograms } from '@vesemir/testing/haproxy-programs'
import { startApp } from '@vesemir/testing/start-app'
import { startBox } from './testing/start-box.ts'

test.each(haproxyPrograms)(
  'HAProxy $version: the requests that the worker before a reload still answers are counted until they have ended',
  async (program) => {
    await using app = await startApp()
    const frontendPort = await freePort()
    await using box = await startBox(
      `frontend in
  bind 127.0.0.1:${frontendPort}
  default_backend app
backend app
  server web-1 127.0.0.1:${app.port} weight 100`,
      { program },
    )
    await using connected = box.connect()
    const session = await connected.open()
    const web1 = { box: box.name, backend: 'app', server: 'web-1' }
    const readSessions = async () => (await session.read([web1])).map(({ sessions }) => sessions)
    const answered = new Promise((resolve, reject) => {
      get({ port: frontendPort, path: '/hang', agent: false }, ({ statusCode }) => resolve(statusCode)).on(
        'error',
        reject,
      )
    })
    await vi.waitUntil(() => app.hanging.length === 1, { timeout: 5000, interval: 5 })

    await box.haproxy.reload()

    expect(await readSessions()).toEqual([1])
    await session.drain([web1])
    expect(await readSessions()).toEqual([1])
    app.hanging.pop()!.end()
    expect(await answered).toBe(200)
    await vi.waitFor(async () => expect(await readSessions()).toEqual([0]), { timeout: 5000, interval: 10 })
  },
)
