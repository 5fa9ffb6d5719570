import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { problemType, refusal } from './problems.ts'

interface ClientError extends Error {
  code?: string
}

/**
 * Creates the handler that answers a client whose request cannot be parsed, before there is one to route: with a problem document and the
 * headers of all other answers, which Fastify's own answer lacks.
 */
export function createClientErrorHandler(headers: Readonly<Record<string, string>>) {
  return (error: ClientError, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    const { status, detail } = explain(error)
    const body = JSON.stringify(refusal(status, detail))
    const fields = {
      ...headers,
      'content-type': problemType,
      'content-length': Buffer.byteLength(body),
      connection: 'close',
    }
    const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}`)
    socket.write([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...head, '', body].join('\r\n'))
    socket.destroySoon()
  }
}

function explain({ code }: ClientError): { status: number; detail: string } {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { status: 408, detail: 'the request did not arrive in time' }
  if (code === 'HPE_HEADER_OVERFLOW') return { status: 431, detail: 'the headers are larger than 16 KiB' }
  return { status: 400, detail: 'the request is not HTTP/1.1' }
}
