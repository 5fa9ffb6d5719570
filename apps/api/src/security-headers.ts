import type { FastifyInstance } from 'fastify'

/** For our own pages, which have no scripts and styles in their HTML. */
export const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** For pages of other projects, with styles in their HTML. What they would fetch from elsewhere, such as a font, they do without. */
export const toolPagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const yearSeconds = 365 * 24 * 3600

const always = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  // Pages set their own; what is not a page shows nothing and runs nothing.
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
}

/** Returns the headers that have browsers take every answer as what it is, and for this site alone. */
export function securityHeaders({ isSecure }: { isSecure: boolean }): Readonly<Record<string, string>> {
  // RFC 6797, 7.2: it has no meaning without TLS.
  return isSecure ? { ...always, 'strict-transport-security': `max-age=${yearSeconds}` } : always
}

/** Adds headers to every answer of a route, unless the answer has them already. */
export function addSecurityHeaders(app: FastifyInstance, headers: Readonly<Record<string, string>>): void {
  const all = Object.entries(headers)
  app.addHook('onSend', (request, reply, _payload, done) => {
    for (const [name, value] of all) if (!reply.hasHeader(name)) reply.header(name, value)
    // Whoever asks decides what is answered.
    if (request.url.startsWith('/v1/') && !reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    done()
  })
}
