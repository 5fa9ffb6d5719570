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
