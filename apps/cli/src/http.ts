import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Fetch, OpenMessages } from '@vesemir/contract'

/**
 * Sends a request as `fetch` does, in a third of the processor time of a whole command: to load `fetch`, and to compile what
 * reads HTTP for it, takes longer than all that most commands do.
 */
export const httpFetch: Fetch = async (address, { method, headers, body, signal }) => {
  const answer = await send(address, { method, headers, body, signal })
  return { status: answer.statusCode!, text: () => textOf(answer) }
}

/** By its events: whatever else reads a stream has more to load. */
async function textOf(answer: IncomingMessage): Promise<string> {
  let text = ''
  answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  await once(answer, 'end')
  return text
}

/** The API says `still here` more often. */
const idleMs = 60_000

/** Reads the events of a deployment as Server-Sent Events (WHATWG HTML, 9.2): Node's WebSocket is part of its `fetch`. */
export const openEventSource: OpenMessages = async function* (address, { token, signal }) {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const headers = { accept: 'text/event-stream', ...authorization }
  try {
    const answer = await send(address, { method: 'GET', headers, signal })
    if (answer.statusCode === 200) yield* dataOf(answer)
    answer.destroy()
  } catch {
    signal?.throwIfAborted()
  }
}

interface Sent {
  method: string
  headers: Record<string, string>
  body?: string | undefined
  signal?: AbortSignal | undefined
}

async function send(address: URL, { body, signal, ...options }: Sent): Promise<IncomingMessage> {
  // An import would read all that the module exports: its `WebSocket` too, which loads what is not to be loaded.
  const { request } = process.getBuiltinModule(address.protocol === 'https:' ? 'node:https' : 'node:http')
  const sent = request(address, { ...options, ...(signal ? { signal } : {}) })
  sent.end(body)
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  // Whoever reads the answer is told of what breaks it; the request says so too.
  sent.on('error', () => {})
  return answer
}

async function* dataOf(answer: IncomingMessage): AsyncGenerator<string> {
  answer.socket.setTimeout(idleMs, () => answer.destroy())
  let text = ''
  for await (const chunk of answer.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk
    if (!chunk.includes('\n')) continue
    const lines = text.split('\n')
    text = lines.pop()!
    for (const line of lines) if (line.startsWith('data: ')) yield line.slice('data: '.length)
  }
}
