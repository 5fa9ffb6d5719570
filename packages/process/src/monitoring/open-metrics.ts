import type { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { softwareVersion } from '../version.ts'
import { withinTime } from '../waiting/index.ts'

/** The metrics of a process, by Prometheus' conventions: seconds and bytes, `_total` of what only grows. */
export interface Metrics {
  registry: Registry
  counter<Label extends string>(name: string, help: string, labels?: readonly Label[]): Counter<Label>
  histogram<Label extends string>(
    name: string,
    help: string,
    options: { labels?: readonly Label[]; buckets: readonly number[] },
  ): Histogram<Label>
  /** `read` sets the gauge for each scrape. Where it fails or takes over a second, the gauge is left out: the others are still served. */
  gauge<Label extends string>(
    name: string,
    help: string,
    options: { labels?: readonly Label[]; read: (gauge: Gauge<Label>) => void | Promise<void> },
  ): Gauge<Label>
}

/** Far below the 10 s that Prometheus gives a scrape: a part that does not answer leaves the others to be seen. */
const readTimeoutMs = 1000

/** Loads the library of metrics, with those of Node.js: memory, CPU, garbage collection, event loop. */
export async function openMetrics(program: 'api' | 'worker'): Promise<Metrics> {
  const { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } = await import('prom-client')
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const metrics: Metrics = {
    registry,
    counter: (name, help, labels = []) => new Counter({ name, help, labelNames: [...labels], registers }),
    histogram: (name, help, { labels = [], buckets }) =>
      new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers }),
    gauge: (name, help, { labels = [], read }) => {
      const gauge = new Gauge({
        name,
        help,
        labelNames: [...labels],
        registers,
        async collect() {
          gauge.reset()
          try {
            await withinTime({ timeoutMs: readTimeoutMs }, async () => read(gauge))
          } catch {
            gauge.remove()
          }
        },
      })
      return gauge
    },
  }
  metrics
    .counter('vesemir_build_info', 'The version of Vesemir that runs; always 1.', ['program', 'version'])
    .inc({ program, version: softwareVersion })
  return metrics
}
