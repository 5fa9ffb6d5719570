import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Fleet } from '../fleet/fleet.ts'
import { pickNetwork } from '../fleet/listeners.ts'
import { startFleet } from '../fleet/start-fleet.ts'
import { buildArtifact } from '../sample-app/build-artifact.ts'
import { freePort } from '@vesemir/process/free-port'
import { sampleDefinition } from '../vesemir/sample-definition.ts'
import { startApi } from '../vesemir/start-api.ts'
import { startWorker } from '../vesemir/start-worker.ts'
import { stopVesemir } from '../vesemir/stop-vesemir.ts'
import type { DemoOptions } from './demo-options.ts'
import { versions } from './report.ts'
import type { Stage } from './stage.ts'

/** A fleet with Vesemir, and all that there is to be deployed. */
export interface Demo {
  fleet: Fleet
  url: string
  /** Ada, who asks for deployments. */
  token: string
  /** Bob, who approves them. */
  approverToken: string
  /** The sample application's definition. */
  definitionFile: string
  /** Sets VESEMIR_URL, VESEMIR_TOKEN and PATH in a shell that reads it. */
  envFile: string
}

interface Surroundings {
  stage: Stage
  /** Takes down, in the end, what was started. */
  closing: AsyncDisposableStack
  signal: AbortSignal
}

/** A good release to try, and one that never gets healthy. */
export const furtherVersions = { good: '3.0.0', broken: '3.1.0-broken' } as const

const preferredNetwork = '127.77'
const preferredPort = 7400
const workers = ['worker-1', 'worker-2']

/** Starts the fleet and Vesemir, in a folder that is the demo's own. */
export async function setUp(options: DemoOptions, { stage, closing, signal }: Surroundings): Promise<Demo> {
  const artifacts = join(options.dir, 'artifacts')
  await stage.step(
    'releases',
    () => buildReleases(artifacts),
    () => [...versions, ...Object.values(furtherVersions)].join(', '),
  )
  const fleet = await startDemoFleet(options, { stage, closing, signal })
  const [token, approverToken] = [newToken(), newToken()]
  const port = options.port ?? (await freePort(preferredPort))
  const url = `http://127.0.0.1:${port}`
  closing.defer(() => stopVesemir(fleet))
  await stage.step(
    'Vesemir',
    () =>
      Promise.all([
        startApi(fleet, {
          port,
          tokens: { ada: token, bob: approverToken },
          roles: { bob: 'approver' },
          protections: [protectionOf(fleet)],
        }),
        ...workers.map((name) => startWorker(fleet, { name, artifacts })),
      ]),
    () => `API on ${url}, ${workers.length} workers`,
  )
  const definitionFile = join(options.dir, 'payments.yml')
  const definition = { ...sampleDefinition(fleet, artifacts), rollout: { gates: [{ afterWave: 0, wait: 'approval' }] } }
  writeFileSync(definitionFile, stringify(definition))
  const envFile = join(options.dir, 'env')
  writeFileSync(envFile, environment({ url, token }), { mode: 0o600 })
  return { fleet, url, token, approverToken, definitionFile, envFile }
}

function newToken(): string {
  return randomBytes(24).toString('base64url')
}

/** Somebody else approves what is deployed, before the first host. */
function protectionOf({ environment }: Fleet) {
  return { environments: [environment], mayChange: ['concurrency'], approvals: [{ afterHosts: 0, people: 1 }] }
}

async function buildReleases(folder: string): Promise<void> {
  for (const version of [...versions, furtherVersions.good]) await buildArtifact({ version, folder })
  await buildArtifact({ version: furtherVersions.broken, folder, unhealthy: true })
}

async function startDemoFleet(options: DemoOptions, { stage, closing, signal }: Surroundings): Promise<Fleet> {
  const network = options.network ?? pickNetwork(preferredNetwork)
  const fleet = await stage.step(
    'fleet',
    () => startFleet({ dir: options.dir, network, signal }),
    ({ hosts, boxes, version, application }) =>
      `${hosts.length} VMs with ${application} ${version}, ${boxes.length} HAProxy boxes, Chef, Redis`,
  )
  return closing.use(fleet)
}

function environment({ url, token }: { url: string; token: string }): string {
  const bin = join(import.meta.dirname, '../../node_modules/.bin')
  return `export VESEMIR_URL='${url}' VESEMIR_TOKEN='${token}' PATH='${bin}':"$PATH"\n`
}
