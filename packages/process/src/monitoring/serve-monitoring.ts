import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Metrics } from './open-metrics.ts'
import type { MetricsSettings } from './settings.ts'

/** Whether one thing is as it should be, and how it is. */
export interface HealthCheck {
  ok: boolean
  detail: string
}

/** Looks at what a process needs to work. */
export type Health = () => Record<string, HealthCheck>

interface Monitored {
  metrics: Pick<Metrics, 'registry'>
  /** Answers /healthz, where the process has no other place for that. */
  health?: Health
}

/**
 * Serves /metrics, and for a process with `health` /healthz: 200 while all checks are ok, else 503. Resolves when it listens; its port is
 * `port`. Nobody signs in: bind it to an address that only monitoring reaches.
 */
export async function serveMonitoring(
  { host, port }: MetricsSettings,
  { metrics: { registry }, health }: Monitored,
): Promise<AsyncDisposable & { port: number }> {
  const server = createServer((request, response) => {
    // Not parsed as an address: a target such as "//" is none, and would end the process.
    const [pathname] = (request.url ?? '/').split('?', 1)
    if (request.method !== 'GET' && request.method !== 'HEAD') return void response.writeHead(405).end()
    if (pathname === '/healthz' && health) return answerHealth(response, health())
    if (pathname !== '/metrics') return void response.writeHead(404).end()
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    )
  })
  server.listen(port, host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

function answerHealth(response: ServerResponse, checks: Record<string, HealthCheck>): void {
  const isWell = Object.values(checks).every(({ ok }) => ok)
  const body = JSON.stringify({ status: isWell ? 'ok' : 'failing', checks })
  response.writeHead(isWell ? 200 : 503, { 'content-type': 'application/json' }).end(`${body}\n`)
}
