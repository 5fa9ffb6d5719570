import type { Span, Tracing } from '@vesemir/process/tracing'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { traceparentOf } from './request-id.ts'

/**
 * Traces requests, each as a part of its caller's trace. Those that only read are traced where the caller traces them: pages and
 * commands ask every few seconds.
 */
export function traceRequests(app: FastifyInstance, tracing: Tracing): void {
  const spans = new WeakMap<FastifyRequest, Span>()
  const goOn = (request: FastifyRequest, done: () => void) => {
    const span = spans.get(request)
    if (span) tracing.within(span, done)
    else done()
  }
  app.addHook('onRequest', (request, _reply, done) => {
    const { method, id, routeOptions } = request
    const traceparent = traceparentOf(request)
    if (traceparent !== undefined || !reading.includes(method)) {
      const { url: route = 'unknown' } = routeOptions
      const attributes = { 'http.request.method': method, 'http.route': route, 'vesemir.request': id }
      spans.set(request, tracing.start(`${method} ${route}`, { kind: 'server', traceparent, attributes }))
    }
    goOn(request, done)
  })
  // A body that has been read leaves the context of its socket.
  app.addHook('preValidation', (request, _reply, done) => goOn(request, done))
  app.addHook('onResponse', (request, { statusCode }, done) => {
    const span = spans.get(request)
    span?.set({ 'http.response.status_code': statusCode })
    if (statusCode >= 500) span?.fail(String(statusCode))
    span?.end()
    goOn(request, done)
  })
}

const reading = ['GET', 'HEAD', 'OPTIONS']
