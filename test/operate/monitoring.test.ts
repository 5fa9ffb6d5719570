import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runProgram } from '../../infra/fleet/programs.ts'
import { deploy } from '../support/deploy.ts'
import { startSystem, type System } from '../support/start-system.ts'
import { startPrometheus, type Prometheus } from './support/start-prometheus.ts'

const folder = join(import.meta.dirname, '../../infra/monitoring')
const soon = { timeout: 20_000, interval: 200 }

it('has alert rules that are valid, and fire when they should and not otherwise', async () => {
  const checked = await runProgram('promtool', ['check', 'rules', join(folder, 'alerts.yml')])
  const tested = await runProgram('promtool', ['test', 'rules', join(folder, 'alerts.test.yml')])

  expect(checked).toContain('SUCCESS')
  expect(tested).toContain('SUCCESS')
})

describe('a Prometheus that scrapes API and workers', () => {
  let system: System
  let prometheus: Prometheus
  beforeAll(async () => {
    system = await startSystem({ fleet: { hosts: 2 }, workers: ['worker-1', 'worker-2'], hasMetrics: true })
    prometheus = await startPrometheus([...system.metricsPorts.values()], join(folder, 'alerts.yml'))
    await system.release('1.0.0')
    await system.release('1.1.0', { unhealthy: true })
    await deploy(system, '1.0.0')
    await deploy(system, '1.1.0')
  })
  afterAll(async () => {
    await prometheus?.[Symbol.asyncDispose]()
    await system?.[Symbol.asyncDispose]()
  })
  const valueOf = async (query: string) => Number((await prometheus.query(query))[0]?.value[1])

  it('counts what was deployed, by outcome', async () => {
    const expected = {
      'sum(vesemir_deployments_ended_total{application="payments", outcome="succeeded"})': 1,
      'sum(vesemir_deployments_ended_total{application="payments", outcome="failed"})': 1,
      'sum(vesemir_hosts_ended_total{outcome="succeeded"})': 2,
      'sum(vesemir_step_duration_seconds_count{step="drain", outcome="succeeded"}) >= bool 3': 1,
      'sum(vesemir_ssh_connections_opened_total) > bool 0': 1,
      'max(vesemir_workers{cluster="local", state="working"})': 2,
      'max(vesemir_redis_round_trip_seconds) < bool 1': 1,
    }

    // What has just been counted is scraped within 2 s.
    for (const [query, value] of Object.entries(expected)) await expect.poll(() => valueOf(query), soon).toBe(value)
  })

  it('has every metric that the dashboard and the alerts name, and understands each of their expressions', async () => {
    const expressions = await readExpressions()
    const names = new Set(expressions.flatMap((text) => text.match(/\b(?:vesemir|nodejs|process)_[a-z0-9_]+/g) ?? []))
    const known = await prometheus.metricNames()

    for (const expression of expressions) await prometheus.query(expression)
    // No SSH connection has failed.
    names.delete('vesemir_ssh_connection_failures_total')
    expect([...names].filter((name) => !known.includes(name))).toEqual([])
    expect(names.size).toBeGreaterThan(15)
  })

  it('learns the name of no host, and no address of a request', async () => {
    const labels = JSON.stringify((await prometheus.query('{__name__=~"vesemir_.+"}')).map(({ metric }) => metric))

    expect(labels).toContain('"payments"')
    expect(labels).not.toMatch(/web-\d|\bd-\d/)
  })

  it('is told of viewers, while they are there', async () => {
    const { application, environment } = system.fleet
    const { id } = await system.client.createDeployment({ application, environment, version: '1.0.0' })

    for await (const _ of system.client.followEvents(id)) continue

    await expect.poll(() => valueOf('max_over_time(sum(vesemir_viewers{transport="websocket"})[60s:1s])'), soon).toBe(1)
    await expect.poll(() => valueOf('sum(vesemir_viewers)'), soon).toBe(0)
  })

  it('and a probe are told that a worker has lost Redis, and that it is back', async () => {
    const health = async () => {
      const answer = await fetch(`http://127.0.0.1:${system.metricsPorts.get('worker-1')}/healthz`)
      return {
        status: answer.status,
        checks: ((await answer.json()) as { checks: Record<string, { ok: boolean }> }).checks,
      }
    }
    expect(await health()).toMatchObject({
      status: 200,
      checks: { eventLoop: { ok: true }, redis: { ok: true }, claims: { ok: true } },
    })

    await system.fleet.stopRedis()
    await expect.poll(health, soon).toMatchObject({ status: 503, checks: { redis: { ok: false } } })
    await expect.poll(() => valueOf('max(vesemir_redis_up)'), soon).toBe(0)
    await system.fleet.startRedis()

    await expect.poll(health, soon).toMatchObject({ status: 200 })
    await expect.poll(() => valueOf('min(vesemir_redis_up)'), soon).toBe(1)
  })
})

/** Reads the expressions of dashboard and alerts; Grafana fills in its variables. */
async function readExpressions(): Promise<string[]> {
  const { panels } = JSON.parse(await readFile(join(folder, 'dashboard.json'), 'utf8')) as {
    panels: { targets: { expr: string }[] }[]
  }
  const alerts = await readFile(join(folder, 'alerts.yml'), 'utf8')
  const inAlerts = [...alerts.matchAll(/expr: (?:>-\n\s+)?(.+)/g)].map(([, expression]) => expression!)
  const inPanels = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
  return [...inPanels, ...inAlerts].map((text) =>
    text.replaceAll('$__rate_interval', '1m').replaceAll('$environment', '.*'),
  )
}
