import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../../infra/fleet/wait-for.ts'
import { startSystem, type System } from '../support/start-system.ts'
import { startCollector, type Collector, type CollectedSpan } from './support/start-collector.ts'

const secret = 'planted-S3cret-of-the-hook'
const output = 'what the hook has said'

describe('a deployment whose processes export traces', () => {
  let system: System
  let collector: Collector
  let deployment: string
  let traceparent: string | undefined
  let spans: readonly CollectedSpan[]
  beforeAll(async () => {
    collector = await startCollector()
    system = await startSystem({
      fleet: { hosts: 2 },
      settings: { secrets: { hook: { env: 'HOOK_SECRET', applications: ['payments'] } } },
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=planted-collector-token',
        HOOK_SECRET: secret,
      },
    })
    await system.release('1.0.0')
    const hooks = { environment: { TOKEN: { secret: 'hook' } }, beforeDrain: [`echo "${output}: $TOKEN"`] }
    const { application, environment } = system.fleet
    const request = { application, environment, version: '1.0.0', hooks }
    deployment = (await system.client.createDeployment(request as never)).id
    const isOver = async () => 'endedAt' in (await system.client.getDeployment(deployment)).deployment.state
    await waitFor(isOver, { what: `${deployment} has ended`, timeoutMs: 60_000 })
    ;({ traceparent } = (await system.client.getDeployment(deployment)).deployment)
    // Both export what is left when they end.
    await Promise.all([system.stop('worker-1'), system.stop('api')])
    spans = collector.spans
  })
  afterAll(async () => {
    await system?.[Symbol.asyncDispose]()
    await collector?.[Symbol.asyncDispose]()
  })

  const named = (name: string, of: Partial<CollectedSpan['attributes']> = {}) =>
    spans.filter(
      (span) => span.name === name && Object.entries(of).every(([key, value]) => span.attributes[key] === value),
    )
  const wayTo = (span: CollectedSpan): string[] => {
    const parent = spans.find(({ spanId }) => spanId === span.parentSpanId)
    return [...(parent ? wayTo(parent) : []), span.name]
  }

  it('is one trace, from the request to the last command on a host', () => {
    const [request] = named('POST /v1/deployments')
    const ofDeployment = spans.filter(({ traceId }) => traceId === request?.traceId)
    const restarts = ofDeployment.filter(({ name }) => name === 'ssh run restart')

    const start = ['POST /v1/deployments', 'enqueue deployment', 'deployment', 'host']
    expect(restarts.map(wayTo)).toEqual(Array(2).fill([...start, 'step restart', 'ssh run restart']))
    expect(named('ssh connect').map(wayTo)).toContainEqual([...start, 'step connect', 'ssh connect'])
    expect(named('haproxy drain').map(wayTo)).toContainEqual([...start, 'step drain', 'haproxy drain'])
    expect(new Set(named('step deploy').map(({ attributes }) => attributes['vesemir.host']))).toEqual(
      new Set(['web-1', 'web-2']),
    )
    expect(new Set(ofDeployment.map(({ service }) => service))).toEqual(new Set(['vesemir-api', 'vesemir-worker']))
  })

  it('lasts as long as what it tells of, and says how that ended', () => {
    const [whole] = named('deployment', { 'vesemir.deployment': deployment })
    const hosts = named('host', { 'vesemir.deployment': deployment })

    expect(whole?.attributes).toMatchObject({ 'vesemir.outcome': 'succeeded', 'messaging.system': 'bullmq' })
    expect(hosts.map(({ attributes }) => attributes['vesemir.outcome'])).toEqual(['succeeded', 'succeeded'])
    for (const host of hosts)
      for (const part of spans.filter(({ parentSpanId }) => parentSpanId === host.spanId)) {
        expect(part.start).toBeGreaterThanOrEqual(host.start)
        expect(part.end).toBeLessThanOrEqual(host.end)
      }
  })

  it('has no secret, no script and no output of a host in any span', () => {
    const texts = collector.bodies.join('\n')

    expect(named('ssh run hook beforeDrain 1')).toHaveLength(2)
    for (const hidden of [secret, output, 'planted-collector-token', 'echo', system.token])
      expect(texts).not.toContain(hidden)
  })

  it('is named by the lines of the log that belong to it, and by the record', () => {
    const [request] = named('POST /v1/deployments')
    const lines = linesOf(system, 'worker-1').filter((line) => line.deployment === deployment)
    const step = lines.find((line) => line.msg === 'step ended' && line.step === 'drain' && line.host === 'web-1')

    expect(traceparent).toMatch(`00-${request?.traceId}-`)
    expect(new Set(lines.map(({ trace }) => trace))).toEqual(new Set([request?.traceId]))
    expect(named('step drain').map(({ spanId }) => spanId)).toContain(step?.span)
  })
})

function linesOf(system: System, name: string): Record<string, unknown>[] {
  // The process has ended: its file is where it was.
  const file = `${system.fleet.dir}/vesemir/${name}.log`
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
