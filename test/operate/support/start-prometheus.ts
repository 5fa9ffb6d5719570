import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@vesemir/process/free-port'
import { stringify } from 'yaml'
import { findProgram } from '../../../infra/fleet/programs.ts'
import { waitFor } from '../../../infra/fleet/wait-for.ts'

/** What a query finds: a time series, and its last value as [seconds, text]. */
interface Sample {
  metric: Record<string, string>
  value: [number, string]
}

/** A Prometheus of the test's own. */
export interface Prometheus extends AsyncDisposable {
  /** @throws {Error} when Prometheus does not understand the query */
  query(expression: string): Promise<Sample[]>
  metricNames(): Promise<string[]>
}

/** Starts Prometheus, which scrapes these ports of this machine every 2 s. */
export async function startPrometheus(ports: readonly number[], rulesFile: string): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'vesemir-prometheus-'))
  const config = join(folder, 'prometheus.yml')
  const targets = ports.map((port) => `127.0.0.1:${port}`)
  await writeFile(
    config,
    stringify({
      global: { scrape_interval: '2s', scrape_timeout: '2s', evaluation_interval: '1s' },
      rule_files: [rulesFile],
      scrape_configs: [{ job_name: 'vesemir', static_configs: [{ targets }] }],
    }),
  )
  const address = `127.0.0.1:${await freePort()}`
  const options = { 'config.file': config, 'storage.tsdb.path': join(folder, 'data'), 'web.listen-address': address }
  const child = spawn(
    findProgram('prometheus'),
    Object.entries(options).map(([name, value]) => `--${name}=${value}`),
    { stdio: 'ignore' },
  )
  const ended = once(child, 'exit')
  const read = async <Data>(path: string): Promise<Data> => {
    const answer = await fetch(`http://${address}${path}`)
    const { status, error, data } = (await answer.json()) as { status: string; error?: string; data: Data }
    if (status !== 'success') throw new Error(`${path}: ${error}`)
    return data
  }
  const isReady = async () => (await fetch(`http://${address}/-/ready`).catch(() => undefined))?.ok === true
  await waitFor(isReady, { what: 'Prometheus is ready', timeoutMs: 20_000 })
  return {
    query: async (expression) => {
      const path = `/api/v1/query?query=${encodeURIComponent(expression)}`
      return (await read<{ result: Sample[] }>(path)).result
    },
    metricNames: () => read<string[]>('/api/v1/label/__name__/values'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true })
    },
  }
}
