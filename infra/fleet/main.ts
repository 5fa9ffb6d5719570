import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { untilSignalled } from '@vesemir/process/lifecycle'
import { openFleet } from './fleet.ts'
import { completeOptions, type FleetOptions } from './fleet-options.ts'
import { readFleetState, type FleetState } from './fleet-state.ts'
import { pickNetwork } from './listeners.ts'
import { isAlive } from './process-table.ts'
import { startFleet } from './start-fleet.ts'

const usage = `usage: node infra/fleet/main.ts up --dir DIR [options] | status --dir DIR [--json] | down --dir DIR
options of up:
  --hosts N                application VMs, 1 to 250 (default 6)
  --boxes N                HAProxy boxes, 1 to 250 (default 2)
  --network 127.N|auto     the first two octets of all addresses (default 127.77); auto picks a free one
  --ssh-port, --app-port, --frontend-port, --redis-port, --chef-port N
  --application NAME --environment NAME --team NAME --tags a,b
  --release PATH           the first release, a folder or tar.gz (default: the sample application)
  --version ID             what the first release is called (default 0.9.0)`

type Command = 'up' | 'down' | 'status'

class UsageError extends Error {}

async function main(args: string[]): Promise<number> {
  const { command, values } = readArguments(args)
  const dir = resolve(values.dir)
  switch (command) {
    case 'up':
      return up(upOptions(dir, values))
    case 'down':
      return down(dir)
    case 'status':
      return status(dir, { json: values.json })
  }
}

async function up(options: FleetOptions): Promise<number> {
  const interruption = new AbortController()
  void untilSignalled().then(() => interruption.abort())
  const startedAt = performance.now()
  const fleet = await startFleet({ ...options, signal: interruption.signal })
  console.log(`fleet up in ${((performance.now() - startedAt) / 1000).toFixed(1)} s: ${describe(fleet)}`)
  return 0
}

async function down(dir: string): Promise<number> {
  if (!readFleetState(dir)) {
    console.log(`no fleet in ${dir}`)
    return 0
  }
  await openFleet(dir).down()
  console.log(`fleet down: ${dir}`)
  return 0
}

async function status(dir: string, { json }: { json: boolean }): Promise<number> {
  const fleet = openFleet(realpathSync(dir))
  const processes = fleet.processes.map(({ name, pid, ...rest }) => ({ name, pid, running: isAlive({ pid, ...rest }) }))
  const isUp = processes.length > 0 && processes.every(({ running }) => running)
  const servers = isUp ? await fleet.showServers() : []
  if (json) {
    const { hosts, boxes, frontends, redisUrl, chef, ssh } = fleet
    console.log(JSON.stringify({ up: isUp, dir, hosts, boxes, frontends, redisUrl, chef, ssh, processes, servers }))
    return isUp ? 0 : 1
  }
  console.log(isUp ? `fleet up: ${describe(fleet)}` : `fleet not up in ${dir}`)
  for (const { name, pid, running } of processes) if (!running) console.log(`  ${name} (${pid}) does not run`)
  for (const { box, backend, server, opState, adminState, weight, sessions } of servers) {
    const operation = opState === 2 ? 'running' : `operational state ${opState}`
    const admin = adminState === 0 ? 'ready' : `admin state ${adminState}`
    console.log(`  ${box} ${backend}/${server} ${operation}, ${admin}, weight ${weight}, ${sessions} sessions`)
  }
  return isUp ? 0 : 1
}

function describe({ dir, hosts, boxes, frontends, redisUrl, chef, ssh }: FleetState): string {
  return `${hosts.length} VMs behind ${boxes.length} HAProxy boxes, in ${dir}
  application  ${frontends.join(' ')}
  Redis        ${redisUrl}
  Chef         ${chef.url} (${chef.credentialsFile})
  SSH          ssh -i ${ssh.keyPath} -p ${ssh.port} ${ssh.user}@${hosts[0]?.address}`
}

function readArguments(args: string[]) {
  const text = { type: 'string' } as const
  const options = {
    dir: text,
    hosts: text,
    boxes: text,
    network: text,
    'ssh-port': text,
    'app-port': text,
    'frontend-port': text,
    'redis-port': text,
    'chef-port': text,
    application: text,
    environment: text,
    team: text,
    tags: text,
    release: text,
    version: text,
    json: { type: 'boolean', default: false },
  } as const
  const { values, positionals } = refuse(() => parseArgs({ args, options, allowPositionals: true }))
  const [command, ...rest] = positionals
  if (!isCommand(command)) throw new UsageError('give up, down or status')
  if (rest.length > 0) throw new UsageError(`unexpected argument ${rest[0]}`)
  const { dir } = values
  if (!dir) throw new UsageError('give the folder of the fleet: --dir DIR')
  const allowed = { up: Object.keys(options).filter((name) => name !== 'json'), down: ['dir'], status: ['dir', 'json'] }
  for (const [name, value] of Object.entries(values)) {
    if (value !== false && !allowed[command].includes(name)) throw new UsageError(`${command} has no option --${name}`)
  }
  return { command, values: { ...values, dir } }
}

function isCommand(text: string | undefined): text is Command {
  return text === 'up' || text === 'down' || text === 'status'
}

function upOptions(dir: string, values: ReturnType<typeof readArguments>['values']): FleetOptions {
  const { application, environment, team, tags, release, version, hosts, boxes, network } = values
  const names = ['ssh', 'app', 'frontend', 'redis', 'chef'] as const
  const given = names.flatMap((name) => {
    const port = values[`${name}-port`]
    return port === undefined ? [] : [[name, wholeNumber(`${name}-port`, port)] as const]
  })
  const options: FleetOptions = {
    dir,
    ports: Object.fromEntries(given),
    ...(hosts !== undefined && { hosts: wholeNumber('hosts', hosts) }),
    ...(boxes !== undefined && { boxes: wholeNumber('boxes', boxes) }),
    ...(network !== undefined && { network: network === 'auto' ? pickNetwork() : network }),
    ...(application !== undefined && { application }),
    ...(environment !== undefined && { environment }),
    ...(team !== undefined && { team }),
    ...(tags !== undefined && { tags: tags.split(',').filter(Boolean) }),
    ...(release !== undefined && { release: resolve(release) }),
    ...(version !== undefined && { version }),
  }
  refuse(() => completeOptions(options))
  return options
}

function wholeNumber(name: string, value: string): number {
  if (!/^\d{1,5}$/.test(value)) throw new UsageError(`--${name} must be a whole number, not ${JSON.stringify(value)}`)
  return Number(value)
}

/** Errors of reading what was typed are the typist's. */
function refuse<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error })
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const isUsage = error instanceof UsageError
  console.error(`fleet: ${messageOf(error)}${isUsage ? `\n${usage}` : ''}`)
  process.exitCode = isUsage ? 2 : 1
}
