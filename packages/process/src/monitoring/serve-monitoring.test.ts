import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { openMetrics } from './open-metrics.ts'
import { serveMonitoring } from './serve-monitoring.ts'

async function askFor(target: string, port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(`GET ${target} HTTP/1.1\r\nhost: worker\r\nconnection: close\r\n\r\n`)
  return text(socket)
}

test.each(['//', 'http://[', '///metrics', '*', 'http://:', '/%'])(
  'a request for %j, which is no address, is answered, and the process goes on',
  async (target) => {
    const settings = { host: '127.0.0.1', port: 0 }
    await using monitoring = await serveMonitoring(settings, { metrics: await openMetrics('worker') })

    expect(await askFor(target, monitoring.port)).toMatch(/^HTTP\/1\.1 404 /)
    expect(await askFor('/metrics?name=up', monitoring.port)).toMatch(/^HTTP\/1\.1 200 /)
  },
)

test('a gauge that cannot be read, or not in time, is left out, and the others are served', async () => {
  const metrics = await openMetrics('worker')
  metrics.gauge('vesemir_stuck', 'Never read.', { read: () => new Promise(() => {}) })
  metrics.gauge('vesemir_broken', 'Not read.', { read: () => Promise.reject(new Error('Redis is away')) })
  metrics.gauge('vesemir_read', 'Read.', { read: (gauge) => gauge.set(7) })
  await using monitoring = await serveMonitoring({ host: '127.0.0.1', port: 0 }, { metrics })

  const answer = await askFor('/metrics', monitoring.port)

  expect(answer).toContain('\nvesemir_read 7\n')
  expect(answer).not.toMatch(/^vesemir_(stuck|broken)/m)
})
