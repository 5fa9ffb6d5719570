import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  applicationsOf,
  boxFolder,
  socketPath,
  type FleetApplication,
  type FleetBox,
  type FleetState,
} from './fleet-state.ts'
import { askHaproxy } from './haproxy-socket.ts'
import { findProcess, startProcess, waitUntilReady } from './processes.ts'
import { findProgram } from './programs.ts'
import { runningServers } from './show-servers.ts'

/** Starts a box's HAProxy in master-worker mode, and waits until its admin socket answers. */
export async function startHaproxy(state: FleetState, box: FleetBox, signal?: AbortSignal): Promise<void> {
  const folder = boxFolder(state, box.name)
  const config = join(folder, 'haproxy.cfg')
  writeFileSync(config, haproxyConfig(state, box))
  const started = await startProcess(state, {
    name: `haproxy ${box.name}`,
    command: box.program ?? findProgram('haproxy'),
    args: ['-W', '-db', '-f', config],
    hasPidNamespace: box.hasPidNamespace,
    outputFile: join(folder, 'haproxy.log'),
  })
  const answers = async () => (await currentWorker(state, box.name)) !== undefined
  await waitUntilReady(started, answers, { what: `HAProxy of ${box.name} answers on its socket`, signal })
}

/** Waits until a box has seen every server of every application healthy. */
export async function waitUntilServersUp(state: FleetState, box: FleetBox, signal?: AbortSignal): Promise<void> {
  const started = findProcess(state, `haproxy ${box.name}`)
  const what = `every server is UP on ${box.name}`
  const servers = applicationsOf(state).length * state.hosts.length
  const areUp = async () => (await runningServers(state, box.name)) === servers
  await waitUntilReady(started, areUp, { what, signal })
}

const resignalMs = 1000

/** Reloads a box's configuration: the master starts a new worker. Gives the new worker's pid. */
export async function reloadHaproxy(state: FleetState, name: string): Promise<number> {
  const master = findProcess(state, `haproxy ${name}`)
  const before = await currentWorker(state, name)
  let after: number | undefined
  let signalledMs = -Infinity
  const isNew = async () => {
    after = await currentWorker(state, name)
    if (after !== undefined && after !== before) return true
    // The master starts itself again for each reload, and loses a signal that comes meanwhile.
    if (performance.now() - signalledMs > resignalMs) {
      process.kill(master.pid, 'SIGUSR2')
      signalledMs = performance.now()
    }
    return false
  }
  await waitUntilReady(master, isNew, { what: `HAProxy of ${name} has a new worker` })
  return after ?? 0
}

/** Gives the pid of the worker that answers on the socket, unless it is about to end or nobody answers yet. */
async function currentWorker(state: FleetState, name: string): Promise<number | undefined> {
  const info = await askHaproxy(socketPath(state, name), 'show info').catch(() => '')
  const pid = /^Pid: (\d+)$/m.exec(info)?.[1]
  return pid !== undefined && /^Stopping: 0$/m.test(info) ? Number(pid) : undefined
}

function haproxyConfig(state: FleetState, box: FleetBox): string {
  return `global
  stats socket ${socketPath(state, box.name)} mode 666 level admin expose-fd listeners
  stats timeout 60s
  maxconn 2000
  nbthread 1
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  retries 3
  option redispatch
  http-reuse safe
${applicationsOf(state)
  .map((application) => applicationSections(state, { box, application }))
  .join('')}${state.haproxy.extraBackends.join('\n')}
`
}

function applicationSections(
  { hosts, haproxy }: FleetState,
  { box, application }: { box: FleetBox; application: FleetApplication },
): string {
  const { name, appPort, frontendPort } = application
  const servers = hosts.map((host) =>
    `server ${host.name} ${host.address}:${appPort} check ${haproxy.serverOptions.replaceAll('{name}', host.name)}`.trimEnd(),
  )
  return `frontend ${name}-in
  bind ${box.address}:${frontendPort}
  default_backend ${name}
backend ${name}
  balance roundrobin
  option httpchk GET /healthz
  default-server inter 200ms rise 2 fall 3 weight 100
${[...haproxy.backendLines, ...servers].map((line) => `  ${line}`).join('\n')}
`
}
