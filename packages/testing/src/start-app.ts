import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A small application behind HAProxy: healthy or not, as a test says. */
export interface App extends AsyncDisposable {
  port: number
  isHealthy: boolean
  /** How many requests have come so far. */
  requests: number
  /** Requests for /hang that have no answer yet. */
  hanging: ServerResponse[]
}

/** Starts an application on a free loopback port. */
export async function startApp(): Promise<App> {
  const server = createServer((request, response) => {
    app.requests += 1
    if (request.url === '/hang') return app.hanging.push(response)
    response.writeHead(app.isHealthy ? 200 : 503, { connection: 'close' })
    return response.end('hello')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const app: App = {
    port: (server.address() as AddressInfo).port,
    isHealthy: true,
    requests: 0,
    hanging: [],
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
  return app
}
