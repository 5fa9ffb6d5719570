import { createServer, type IncomingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'
import { startServer } from './start-server.ts'

export interface Received {
  path: string
  headers: IncomingHttpHeaders
  body: string
}

/** Takes notices and keeps them. */
export interface Receiver extends AsyncDisposable {
  url: string
  received: Received[]
  /** What it answers with: the statuses in turn, the last one from then on; `silence` is no answer. */
  answers: (number | 'silence')[]
  /** What it asks to wait for, if it does. */
  retryAfter?: string
}

/** Starts a receiver on a free loopback port; it answers 200, and redirects lead to itself. */
export async function startReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    const answer = async () => {
      receiver.received.push({ path: request.url!, headers: request.headers, body: await text(request) })
      const { answers } = receiver
      const status = answers.length > 1 ? answers.shift()! : answers[0]!
      const { retryAfter } = receiver
      const headers = { location: '/elsewhere', ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }) }
      if (status !== 'silence') response.writeHead(status, headers).end('thanks')
    }
    void answer()
  })
  const started = await startServer(server)
  const receiver: Receiver = {
    url: `http://127.0.0.1:${started.port}`,
    received: [],
    answers: [200],
    [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
  }
  return receiver
}
