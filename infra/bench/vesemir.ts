import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createClient } from '@vesemir/contract'
import { stringify } from 'yaml'
import { vesemirKeys, type FleetState } from '../fleet/fleet-state.ts'
import { createFleet } from '../fleet/fleet.ts'
import { completeOptions } from '../fleet/fleet-options.ts'
import { planFleet } from '../fleet/plan-fleet.ts'
import { startRedis } from '../fleet/redis.ts'
import { freePort } from '@vesemir/process/free-port'
import { keySettings, makeKeys } from '@vesemir/process/keys'
import { startApi } from '../vesemir/start-api.ts'
import { startVesemirProcess } from '../vesemir/start-process.ts'
import { cluster } from '../vesemir/worker-settings.ts'

const token = 'bench'
const root = join(import.meta.dirname, '../..')

/** Vesemir's services, working for the machines that the peers work on too. */
export interface VesemirServices extends AsyncDisposable {
  /** What belongs to a deployment's cost besides its own process. */
  pids: number[]
  /** What the command line needs to reach them. */
  env: Record<string, string>
}

/** Starts Redis, the API and a worker beside the peers' fleet in `fleetFolder`, and registers its application. */
export async function startVesemir(fleetFolder: string): Promise<VesemirServices> {
  const dir = join(fleetFolder, 'vesemir')
  await mkdir(dir, { recursive: true })
  const options = completeOptions({ dir, network: '127.250', ports: { redis: await freePort() } })
  const state = planFleet(options, { dir, vmUser: null, nodePath: process.execPath })
  const fleet = createFleet(state)
  try {
    await startRedis(state)
    await makeKeys(vesemirKeys(state))
    const port = await freePort()
    await startApi(state, { port, tokens: { bench: token } })
    await startVesemirProcess(state, {
      name: 'worker-1',
      app: 'worker',
      settings: stringify(workerSettings(fleetFolder, state)),
      variable: 'VESEMIR_WORKER_CONFIG',
      isReady: (log) => log.includes('"worker ready"'),
    })
    const url = `http://127.0.0.1:${port}`
    await createClient({ url, token }).putApplication(definition(fleetFolder))
    return {
      pids: state.processes.map(({ pid }) => pid),
      env: { VESEMIR_URL: url, VESEMIR_TOKEN: token, VESEMIR_BIN: await buildCommandLine() },
      [Symbol.asyncDispose]: () => fleet.down(),
    }
  } catch (error) {
    await fleet.down()
    throw error
  }
}

/** Builds the command line as it is published: what people run is no source text. */
async function buildCommandLine(): Promise<string> {
  await promisify(execFile)(process.execPath, [join(root, 'apps/cli/build.ts')])
  return join(root, 'apps/cli/dist/package/bin/vesemir.mjs')
}

function workerSettings(fleet: string, state: FleetState): object {
  return {
    name: 'worker-1',
    redis: state.redisUrl,
    orders: keySettings(vesemirKeys(state)).worker,
    clusters: {
      [cluster]: {
        inventory: { kind: 'file', path: join(fleet, 'inventory.ini'), knownHosts: join(fleet, 'known_hosts') },
        remoteShell: { kind: 'ssh', user: 'benchvm', port: 2222, privateKey: join(fleet, 'keys/client') },
        loadBalancers: { haproxy: { socket: join(fleet, 'haproxy.sock') } },
        changesets: { artifact: { folders: [fleet] } },
      },
    },
  }
}

/** The same steps as the peers': their settings for waits, and a health check that passes once. */
function definition(fleet: string): Parameters<ReturnType<typeof createClient>['putApplication']>[0] {
  return {
    name: 'app',
    team: 'bench',
    cluster,
    hosts: { tags: ['fleet'] },
    concurrency: 1,
    // Some rounds walk all hosts at once, as the peers' scripts do.
    acceptLowCapacity: true,
    // HAProxy spreads its checks over the servers by name. In that order each host just misses its own, or none does.
    rollout: { order: { by: 'shuffle' } },
    loadBalancer: {
      kind: 'haproxy',
      boxes: { names: ['lb'] },
      backends: ['app'],
      degradedWeight: '50%',
      degradationTime: '0s',
    },
    changeset: {
      strategy: 'artifact',
      url: `file://${fleet}/{version}.tgz`,
      directory: `${fleet}/vm/{host}/app`,
    },
    service: { kind: 'runit', service: `${fleet}/vm/{host}/sv/app` },
    healthCheck: {
      kind: 'http',
      port: 8437,
      path: '/healthz',
      address: 'host',
      expectBody: 'ok {version}',
      interval: '50ms',
      successes: 1,
    },
    environments: { production: {} },
  }
}
