import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'

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
    const isKnown = hasAlready(request, tag)
    if (isKnown) reply.status(304)
    done(null, isKnown ? '' : payload)
  })
}

/** Whether the client has the answer with this entity tag. */
export function hasAlready({ headers }: FastifyRequest, tag: string): boolean {
  const known = headers['if-none-match']?.split(',').map((each) => each.trim()) ?? []
  return known.includes(tag)
}

/** Returns an answer's entity tag: a weak one, which stands for all encodings of the answer (RFC 9110, 8.8.3). */
export function entityTagOf(answer: string | Buffer): string {
  return `W/"${createHash('sha1').update(answer).digest('base64')}"`
}
