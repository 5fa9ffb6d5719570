import { VesemirError } from '@vesemir/core'
import { softwareVersion } from '../version.ts'
import { createTracing } from './create-tracing.ts'
import { reportSeldom } from './report-seldom.ts'
import type { Tracing } from './tracing.ts'
import { withinTime } from '../waiting/index.ts'

const closeTimeoutMs = 3000

export interface TracingOptions {
  program: 'api' | 'worker'
  env: NodeJS.ProcessEnv
  /** Called when spans cannot be exported, at most once in a minute for the same reason. */
  onError: (error: Error) => void
}

/**
 * Opens the traces of a process, where the environment names a collector as OpenTelemetry's SDKs have it: `OTEL_EXPORTER_OTLP_ENDPOINT`
 * or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`. Elsewhere it returns undefined, and loads no library.
 * @throws {VesemirError} `CONFIG_INVALID` when it names a protocol that is not spoken
 */
export async function openTracing({ program, env, onError }: TracingOptions): Promise<Tracing | undefined> {
  if (!isWanted(env)) return undefined
  const [api, sdk, { OTLPTraceExporter }, resources] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ])
  const report = reportSeldom(onError)
  const complain = (...[message, ...rest]: unknown[]) => report(new Error([message, ...rest].map(String).join(' ')))
  const silent = () => {}
  api.diag.setLogger({ error: complain, warn: complain, info: silent, debug: silent, verbose: silent })
  const named = resources.resourceFromAttributes({
    'service.name': `vesemir-${program}`,
    'service.version': softwareVersion,
  })
  const provider = new sdk.TracerProvider({
    // What the environment says is stronger: OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES.
    resource: named.merge(resources.detectResources({ detectors: [resources.envDetector] })),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  })
  const tracer = provider.getTracer('vesemir', softwareVersion)
  // A collector that does not answer holds up no process that is to end.
  const close = () => withinTime({ timeoutMs: closeTimeoutMs }, () => provider.shutdown()).catch(report)
  return createTracing({ api, tracer, close })
}

function isWanted(env: NodeJS.ProcessEnv): boolean {
  const { OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER = 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: protocol = 'http/json' } = env
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT
  if (!endpoint || OTEL_SDK_DISABLED === 'true' || OTEL_TRACES_EXPORTER !== 'otlp') return false
  if (protocol.startsWith('http/')) return true
  const message = `OTEL_EXPORTER_OTLP_PROTOCOL: ${protocol} is not supported: set http/json, and the collector's port for HTTP (4318)`
  throw new VesemirError('CONFIG_INVALID', message)
}
