import { AsyncLocalStorage } from 'node:async_hooks'
import type * as OpenTelemetry from '@opentelemetry/api'
import type { SpanOptions, Tracing } from './tracing.ts'
import { TracedSpan } from './traced-span.ts'

interface TracingParts {
  api: typeof OpenTelemetry
  tracer: OpenTelemetry.Tracer
  /** Exports what is left. */
  close: () => Promise<void>
}

/** What is being done, and the phase of it in progress. */
interface Scope {
  span: TracedSpan
  phase?: TracedSpan | undefined
}

/** Creates what writes traces by OpenTelemetry. */
export function createTracing({ api, tracer, close }: TracingParts): Tracing {
  const scopes = new AsyncLocalStorage<Scope>()
  const current = () => {
    const scope = scopes.getStore()
    return scope?.phase ?? scope?.span
  }
  const begin = (
    name: string,
    { kind, attributes = {} }: SpanOptions,
    parent: OpenTelemetry.SpanContext | undefined,
  ) => {
    const context = parent ? api.trace.setSpanContext(api.ROOT_CONTEXT, parent) : api.ROOT_CONTEXT
    const span = tracer.startSpan(name, { kind: kindOf(api, kind) }, context)
    return new TracedSpan(span, api).set(attributes)
  }
  const start = (name: string, options: SpanOptions = {}) =>
    begin(name, options, options.traceparent === undefined ? current()?.context : readTraceparent(options.traceparent))
  const act = async <Result>(scope: Scope, task: () => Promise<Result>): Promise<Result> => {
    try {
      return await scopes.run(scope, task)
    } catch (error) {
      scope.phase?.fail(error)
      scope.span.fail(error)
      throw error
    } finally {
      scope.phase?.end()
      scope.span.end()
    }
  }
  return {
    start,
    within: (span, task) => scopes.run({ span: span as TracedSpan }, task),
    span: (name, options, task) => act({ span: start(name, options) }, task),
    async part(name, { isRepeated, ...options }, task) {
      const parent = current()
      if (!parent || (isRepeated && !parent.tellsAgain(name))) return task()
      return act({ span: begin(name, options, parent.context) }, task)
    },
    enter(name, attributes = {}) {
      const scope = scopes.getStore()
      scope?.phase?.end()
      if (scope) scope.phase = name === undefined ? undefined : begin(name, { attributes }, scope.span.context)
    },
    active: () => scopes.getStore(),
    traceparent() {
      const span = current()
      return span && writeTraceparent(span.context)
    },
    fields() {
      const span = current()
      return span ? { trace: span.context.traceId, span: span.context.spanId } : {}
    },
    [Symbol.asyncDispose]: close,
  }
}

function kindOf({ SpanKind }: typeof OpenTelemetry, kind: SpanOptions['kind']): OpenTelemetry.SpanKind {
  const kinds = {
    server: SpanKind.SERVER,
    client: SpanKind.CLIENT,
    producer: SpanKind.PRODUCER,
    consumer: SpanKind.CONSUMER,
  }
  return kind ? kinds[kind] : SpanKind.INTERNAL
}

/** W3C Trace Context, 3.2: version, trace, span, flags, of which the lowest bit says that the trace is kept. */
function readTraceparent(text: string): OpenTelemetry.SpanContext {
  const [, traceId = '', spanId = '', flags = ''] = text.split('-')
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true }
}

function writeTraceparent({ traceId, spanId, traceFlags }: OpenTelemetry.SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}
