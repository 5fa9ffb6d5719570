import { createHash } from 'node:crypto'
import type { Role } from '@vesemir/contract'
import { stringify } from 'yaml'
import { keySettings } from '@vesemir/process/keys'
import { vesemirKeys, type FleetProcess, type FleetState } from '../fleet/fleet-state.ts'
import { startVesemirProcess } from './start-process.ts'
import { cluster } from './worker-settings.ts'

export interface ApiSettings {
  /** The process's name in the fleet; `api`. */
  name?: string
  /** On 127.0.0.1. */
  port: number
  /** What each person's token is. */
  tokens: Record<string, string>
  /** What those may do who may not do everything. */
  roles?: Record<string, Role>
  /** The rules of protected environments, as docs/api.md has them. */
  protections?: readonly object[]
  /** Clusters besides the fleet's. */
  clusters?: string[]
  /** Settings of Redis, in place of the fleet's address. */
  redisSettings?: object | undefined
  /** Where it serves its metrics, on 127.0.0.1. */
  metricsPort?: number | undefined
  /** The folder with the installed packages to run, in place of this workspace's code. */
  installed?: string
}

/** Starts the API for a fleet, with these environment variables besides its own, and waits until it answers that it is ready. */
export function startApi(
  fleet: FleetState,
  { name = 'api', port, tokens, roles = {}, protections = [], clusters = [], installed, ...others }: ApiSettings,
  env?: Readonly<Record<string, string>>,
): Promise<FleetProcess> {
  const { metricsPort, redisSettings } = others
  const settings = {
    host: '127.0.0.1',
    port,
    redis: fleet.redisUrl,
    ...redisSettings,
    ...(metricsPort === undefined ? {} : { metrics: { port: metricsPort } }),
    orders: keySettings(vesemirKeys(fleet)).api,
    clusters: [cluster, ...clusters],
    protections,
    tokens: Object.fromEntries(
      Object.entries(tokens).map(([name, token]) => [name, { role: roles[name] ?? 'admin', sha256: sumOf(token) }]),
    ),
  }
  return startVesemirProcess(fleet, {
    name,
    app: 'api',
    installed,
    settings: stringify(settings),
    variable: 'VESEMIR_API_CONFIG',
    env,
    isReady: () => isReady(`http://127.0.0.1:${port}/readyz`),
  })
}

function sumOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000) })
    await answer.text()
    return answer.ok
  } catch {
    return false
  }
}
