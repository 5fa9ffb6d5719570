import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { securityHeaders } from './security-headers.ts'

/**
 * Gives each answer of a GET an entity tag, and answers 304 to whoever has that one already (RFC 9110, 13.1.2). Problems have none:
 * 304 would say of them that all is well.
 */
export function addEntityTags(app: FastifyInstance): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    const isWhole = typeof payload === 'string' || Buffer.isBuffer(payload)
    if (request.method !== 'GET' || reply.statusCode !== 200 || !isWhole || reply.hasHeader('etag')) {
      done(null, payload)
      return
    }
    const tag = entityTagOf(payload)
    reply.header('etag', tag)
    if (!hasAlready(request, tag)) return done(null, payload)
    reply.status(304)
    // RFC 9110, 15.4.5: the client has them with the answer that this stands for. They were a fifth of an idle page's bytes.
    for (const name of ofWholeAnswers) reply.removeHeader(name)
    done(null, '')
  })
}

const ofWholeAnswers = ['content-type', ...Object.keys(securityHeaders({ isSecure: true }))]

/** Whether the client has the answer with this entity tag. */
export function hasAlready({ headers }: FastifyRequest, tag: string): boolean {
  const known = headers['if-none-match']?.split(',').map((each) => each.trim()) ?? []
  return known.includes(tag)
}

/** Returns an answer's entity tag: a weak one, which stands for all encodings of the answer (RFC 9110, 8.8.3). 96 bits tell answers apart. */
export function entityTagOf(answer: string | Buffer): string {
  return `W/"${createHash('sha1').update(answer).digest('base64url').slice(0, 16)}"`
}
