import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type Client } from '@vesemir/contract'
import type { FleetOptions } from '../../infra/fleet/fleet-options.ts'
import { applicationsOf, type FleetProcess } from '../../infra/fleet/fleet-state.ts'
import type { Fleet } from '../../infra/fleet/fleet.ts'
import { pickNetwork } from '../../infra/fleet/listeners.ts'
import { stopProcesses } from '../../infra/fleet/processes.ts'
import { startFleet } from '../../infra/fleet/start-fleet.ts'
import { buildArtifact, type Artifact, type ReleaseBehaviour } from '../../infra/sample-app/build-artifact.ts'
import { freePort } from '@vesemir/process/free-port'
import { sampleDefinition } from '../../infra/vesemir/sample-definition.ts'
import { startApi } from '../../infra/vesemir/start-api.ts'
import { startWorker } from '../../infra/vesemir/start-worker.ts'
import { stopVesemir } from '../../infra/vesemir/stop-vesemir.ts'
import { startCli, type CliResult, type CliRun } from './start-cli.ts'

/** What a test can ask of a whole Vesemir with its fleet. */
export interface System extends AsyncDisposable {
  fleet: Fleet
  url: string
  token: string
  client: Client
  /** Another person's. Both are admins. */
  colleague: Client
  /** Builds a release that workers may read, of the main application unless another is named. */
  release(version: string, wanted?: ReleaseBehaviour & { application?: string }): Promise<Artifact>
  /** Runs `vesemir` to its end. */
  cli(...args: string[]): Promise<CliResult>
  startCli(...args: string[]): CliRun
  /** Starts a worker, with these environment variables besides its own. */
  startWorker(name: string, env?: Readonly<Record<string, string>>): Promise<FleetProcess>
  /** Starts the API where it was before. */
  startApi(): Promise<FleetProcess>
  /** Where each process serves its metrics, by name, where they do. */
  metricsPorts: ReadonlyMap<string, number>
  /** Ends the API or a worker by TERM, and waits until it has ended. */
  stop(name: string): Promise<void>
}

export interface SystemOptions {
  fleet?: Partial<Omit<FleetOptions, 'dir'>>
  /** Their names; one, `worker-1`, unless given. */
  workers?: readonly string[]
  /** Clusters besides the fleet's, made when the fleet is there. */
  clusters?: (fleet: Fleet, folders: { artifacts: string }) => Promise<Record<string, object>>
  /** Settings for SSH of the fleet's cluster, over the usual ones. */
  remoteShell?: object
  /** Settings for HAProxy of the fleet's cluster, over the usual ones. */
  haproxy?: object
  /** The address by which API and workers reach Redis, once that runs. */
  redisUrl?: (fleet: Fleet) => Promise<string>
  /** Settings of Redis for API and workers, in place of the address. */
  redisSettings?: object
  /** Other settings of the fleet's cluster, over the usual ones. */
  settings?: object
  /** Whether API and workers serve metrics, each on a port of its own. */
  hasMetrics?: boolean
  /** Environment variables of the API and of all workers. */
  env?: Readonly<Record<string, string>>
}

/** Starts a fleet and Vesemir on it, in a folder, network and port of their own, with its applications registered. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const { workers = ['worker-1'], remoteShell, haproxy, settings, redisSettings } = options
  await using closing = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 've-'))
  closing.defer(() => rm(dir, { recursive: true, force: true }))
  const fleet = closing.use(await startFleet({ network: pickNetwork(), ...options.fleet, dir }))
  closing.defer(() => stopVesemir(fleet))

  if (options.redisUrl) Object.assign(fleet, { redisUrl: await options.redisUrl(fleet) })

  const artifacts = join(dir, 'artifacts')
  const clusters = (await options.clusters?.(fleet, { artifacts })) ?? {}
  const [token, colleaguesToken] = [randomBytes(24), randomBytes(24)].map((bytes) => bytes.toString('base64url')) as [
    string,
    string,
  ]
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const client = createClient({ url, token })
  const { application } = fleet
  const metricsPorts = new Map<string, number>()
  if (options.hasMetrics) for (const name of ['api', ...workers]) metricsPorts.set(name, await freePort())
  const system = {
    fleet,
    url,
    token,
    client,
    colleague: createClient({ url, token: colleaguesToken }),
    release: (version: string, wanted?: ReleaseBehaviour & { application?: string }) =>
      buildArtifact({ version, folder: artifacts, application, ...wanted }),
    cli: (...args: string[]) => startCli(args, { url, token }).ended,
    startCli: (...args: string[]) => startCli(args, { url, token }),
    metricsPorts,
    startWorker: (name: string, env?: Readonly<Record<string, string>>) => {
      const metricsPort = metricsPorts.get(name)
      return startWorker(
        fleet,
        { name, artifacts, clusters, remoteShell, haproxy, settings, redisSettings, metricsPort },
        { ...options.env, ...env },
      )
    },
    startApi: () =>
      startApi(
        fleet,
        {
          port,
          tokens: { tester: token, colleague: colleaguesToken },
          clusters: Object.keys(clusters),
          metricsPort: metricsPorts.get('api'),
          redisSettings,
        },
        options.env,
      ),
    stop: (name: string) => stopProcesses(fleet, (process) => process.name === name),
  }
  await Promise.all([system.startApi(), ...workers.map((name) => system.startWorker(name))])
  for (const { name } of applicationsOf(fleet)) await client.putApplication(quickDefinition(fleet, artifacts, name))
  const open = closing.move()
  return Object.assign(system, { [Symbol.asyncDispose]: () => open.disposeAsync() })
}

/** An application of the fleet with the shortest times: tests wait for conditions, not for soaks. */
function quickDefinition(fleet: Fleet, artifacts: string, application: string) {
  const definition = sampleDefinition(fleet, artifacts, { application })
  const { loadBalancer, healthCheck } = definition
  return {
    ...definition,
    loadBalancer: { ...loadBalancer, degradationTime: '300ms', guardTimeout: '5s' },
    healthCheck: { ...healthCheck, deadline: '3s' },
  } as typeof definition
}
