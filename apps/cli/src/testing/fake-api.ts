import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { DeploymentEvent, DeploymentView, StreamMessage } from '@vesemir/contract'
import { applyEvent } from '@vesemir/core'

export interface FakeApi {
  url: string
  requests: { method: string; path: string; body: unknown }[]
  [Symbol.asyncDispose]: () => Promise<void>
}

type Answer = [status: number, body: unknown]

/**
 * Serves one deployment, d-42, as the API does; a story that has not ended stays open.
 * `answers` stand for other routes: `GET /v1/applications`; a function gives one that changes.
 */
export async function startFakeApi({
  events = [],
  answers = {},
}: {
  events?: readonly DeploymentEvent[]
  answers?: Record<string, Answer | (() => Answer)>
} = {}): Promise<FakeApi> {
  const requests: FakeApi['requests'] = []
  const view = events.reduce<DeploymentView | undefined>(applyEvent, undefined)
  const known: typeof answers = {
    'POST /v1/deployments': [202, { id: 'd-42', links: { self: '', events: '' } }],
    ...(view ? { 'GET /v1/deployments/d-42': [200, view] } : {}),
    ...answers,
  }
  const server = createServer((request, response) => {
    void request.toArray().then((chunks) => {
      const [method, path] = [request.method!, request.url!]
      const text = chunks.join('')
      if (request.headers.accept === 'text/event-stream') return streamEvents(response, { path, events })
      requests.push({ method, path, body: text === '' ? undefined : (JSON.parse(text) as unknown) })
      const answer = known[`${method} ${path}`] ?? [404, unknownProblem]
      const [status, body] = typeof answer === 'function' ? answer() : answer
      return response.writeHead(status).end(JSON.stringify(body))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

function streamEvents(
  response: ServerResponse,
  { path, events }: { path: string; events: readonly DeploymentEvent[] },
): void {
  const after = Number(new URL(path, 'http://api').searchParams.get('after'))
  const send = (message: StreamMessage) => response.write(`data: ${JSON.stringify(message)}\n\n`)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  send({ kind: 'events', events: events.filter(({ seq }) => seq > after) })
  if (events.at(-1)?.type !== 'deployment.ended') return
  send({ kind: 'ended' })
  response.end()
}

const unknownProblem = {
  type: 'about:blank',
  title: 'Not Found',
  status: 404,
  detail: 'deployment d-43 not found',
  code: 'DEPLOYMENT_UNKNOWN',
}
