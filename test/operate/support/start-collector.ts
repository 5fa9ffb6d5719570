import { startReceiver } from '@vesemir/testing/start-receiver'

/** A span as the collector got it, with the name of the service that it is of. Moments are in nanoseconds. */
export interface CollectedSpan {
  service: string
  name: string
  traceId: string
  spanId: string
  parentSpanId: string | undefined
  start: bigint
  end: bigint
  attributes: Readonly<Record<string, unknown>>
}

/** Takes traces by OTLP over HTTP, in JSON, as a collector of OpenTelemetry does. */
export interface Collector extends AsyncDisposable {
  url: string
  readonly spans: CollectedSpan[]
  /** What it was sent, as it came. */
  readonly bodies: string[]
}

interface Attribute {
  key: string
  value: Record<string, unknown>
}

/** OTLP, trace/v1/trace.proto, in the JSON of Protobuf. */
interface Exported {
  resourceSpans: {
    resource: { attributes: Attribute[] }
    scopeSpans: {
      spans: {
        name: string
        traceId: string
        spanId: string
        parentSpanId?: string
        startTimeUnixNano: string
        endTimeUnixNano: string
        attributes: Attribute[]
      }[]
    }[]
  }[]
}

/** Starts a collector on a free loopback port. */
export async function startCollector(): Promise<Collector> {
  const receiver = await startReceiver()
  const bodies = () => receiver.received.filter(({ path }) => path === '/v1/traces').map(({ body }) => body)
  return {
    url: receiver.url,
    get bodies() {
      return bodies()
    },
    get spans() {
      return bodies().flatMap((body) => (JSON.parse(body) as Exported).resourceSpans.flatMap(toSpans))
    },
    [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
  }
}

function toSpans({ resource, scopeSpans }: Exported['resourceSpans'][number]): CollectedSpan[] {
  const service = String(valuesOf(resource.attributes)['service.name'])
  return scopeSpans.flatMap(({ spans }) =>
    spans.map(({ name, traceId, spanId, parentSpanId, startTimeUnixNano, endTimeUnixNano, attributes }) => ({
      service,
      name,
      traceId,
      spanId,
      parentSpanId,
      start: BigInt(startTimeUnixNano),
      end: BigInt(endTimeUnixNano),
      attributes: valuesOf(attributes),
    })),
  )
}

/** A value has one field, which names its type. */
function valuesOf(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
}
