import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { haproxyPrograms, installedHaproxy } from '@vesemir/testing/haproxy-programs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chefRequest } from './chef-request.ts'
import type { ChefNode } from './chef-node.ts'
import type { FleetOptions } from './fleet-options.ts'
import { openFleet, type Fleet } from './fleet.ts'
import { hostFolder, socketPath, type FleetState } from './fleet-state.ts'
import { askHaproxy } from './haproxy-socket.ts'
import { pickNetwork } from './listeners.ts'
import { isAlive, processTrees } from './process-table.ts'
import { startFleet } from './start-fleet.ts'
import { waitFor } from './wait-for.ts'

const execFileAsync = promisify(execFile)
const folders: string[] = []
let fleet: Fleet

beforeAll(async () => {
  fleet = await aFleet()
})

afterAll(async () => {
  await fleet?.down()
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

test('every box sees every server UP, and its frontend answers with the first release', async () => {
  const rows = await fleet.showServers()
  const answers = await Promise.all(fleet.frontends.map(async (url) => (await fetch(url)).text()))

  const expected = ['lb-1/web-1', 'lb-1/web-2', 'lb-2/web-1', 'lb-2/web-2']
  expect(rows.map(({ box, server }) => `${box}/${server}`)).toEqual(expected)
  for (const row of rows) expect(row).toMatchObject({ backend: 'payments', adminState: 0, opState: 2, weight: 100 })
  expect(answers).toEqual(['0.9.0', '0.9.0'])
})

test('Chef has for every machine the host key that its SSH server shows', async () => {
  const machines = [...fleet.hosts, ...fleet.boxes]

  const nodes = await Promise.all(machines.map(({ name }) => readNode(fleet, name)))
  const shown = await Promise.all(machines.map(({ address }) => scanKey(fleet, address)))

  expect(nodes.map(({ automatic }) => automatic.ipaddress)).toEqual(machines.map(({ address }) => address))
  expect(nodes.map(({ automatic }) => (automatic.keys as HostKeys).ssh.host_ed25519_public)).toEqual(shown)
  expect(new Set(shown).size).toBe(machines.length)
})

test('the login of a VM restarts its application', async () => {
  const service = join(hostFolder(fleet, 'web-2'), 'sv', 'payments')
  const before = await readFile(join(service, 'supervise', 'pid'), 'utf8')

  const output = await ssh(
    fleet,
    fleet.hosts[1]?.address,
    `sv restart ${service} && ls -l ${fleet.hosts[1]?.directory}`,
  )

  expect(output).toMatch(/^ok: run: .*current -> releases\/0\.9\.0/s)
  expect(await readFile(join(service, 'supervise', 'pid'), 'utf8')).not.toBe(before)
  // HAProxy must have noticed before another test looks.
  const isHealthy = () =>
    fetch(`http://${fleet.hosts[1]?.address}:${fleet.appPort}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    )
  await waitFor(isHealthy, { what: 'the application is healthy', timeoutMs: 10_000 })
})

test("the login of a box reaches HAProxy's admin socket", async () => {
  const socket = fleet.socketTemplate.replace('{name}', 'lb-2')

  const output = await ssh(fleet, fleet.boxes[1]?.address, `echo show cli level | socat - ${socket}`)

  expect(output.trim()).toBe('admin')
})

test('a changed node is found as it was changed, also after Chef has started again', async () => {
  await fleet.updateNode('web-1', (node) => ({ ...node, normal: { ...node.normal, tags: ['web', 'canary'] } }))
  await fleet.stopChef()
  await expect(readNode(fleet, 'web-1')).rejects.toThrow('fetch failed')
  await fleet.startChef()

  expect((await readNode(fleet, 'web-1')).normal.tags).toEqual(['web', 'canary'])
})

test('parts stop and start: SSH, Redis with its data, HAProxy with a new worker', async () => {
  const [host] = fleet.hosts
  await fleet.stopSshd('web-1')
  await expect(ssh(fleet, host?.address, 'true')).rejects.toThrow('Connection refused')
  await fleet.startSshd('web-1')
  await ssh(fleet, host?.address, 'true')

  await redis(fleet, 'set', 'kept', 'yes')
  await fleet.stopRedis()
  await fleet.startRedis()
  expect(await redis(fleet, 'get', 'kept')).toBe('yes')

  const worker = await fleet.reloadBox('lb-1')
  expect(await fleet.reloadBox('lb-1')).not.toBe(worker)
  await fleet.stopBox('lb-2')
  expect((await fleet.showServers()).map(({ box }) => box)).toEqual(['lb-1', 'lb-1'])
  await fleet.startBox('lb-2')
  expect(await fleet.showServers()).toHaveLength(4)
})

test('two fleets stand side by side, and one goes down, from elsewhere, without a trace', async () => {
  const second = await aFleet()
  const processes = processTrees(second.processes)
  expect(processes.length).toBeGreaterThan(second.processes.length)

  await openFleet(second.dir).down()

  expect(processes.filter(isAlive)).toEqual([])
  expect(fleet.processes.every(isAlive)).toBe(true)
})

test('an application beside the main one has its own service, backend and frontend on every machine', async () => {
  await using both = await aFleet({ neighbours: ['orders'] })
  const [orders] = both.neighbours
  const ask = async (address: string, port?: number) => (await fetch(`http://${address}:${port}`)).text()

  const answers = await Promise.all([
    ...both.hosts.map(({ address }) => ask(address, orders?.appPort)),
    ...both.boxes.map(({ address }) => ask(address, orders?.frontendPort)),
  ])

  expect(answers).toEqual(Array(4).fill('0.9.0'))
  const shown = (await both.showServers()).map(({ box, backend }) => `${box} ${backend}`)
  expect(shown).toEqual(expect.arrayContaining(['lb-1 orders', 'lb-1 payments', 'lb-2 orders']))
  expect(shown).toHaveLength(8)
})

test('in a PID namespace HAProxy has the same process id after a restart, and goes down with the fleet', async () => {
  const boxed = await aFleet({ boxes: 1, pidNamespaces: ['lb-1'] })
  const pid = async () => /^Pid: (\d+)$/m.exec(await askHaproxy(socketPath(boxed, 'lb-1'), 'show info'))?.[1]
  const first = await pid()
  const processes = processTrees(boxed.processes)

  await boxed.reloadBox('lb-1')
  const reloaded = await pid()
  await boxed.stopBox('lb-1')
  await boxed.startBox('lb-1')
  const restarted = await pid()
  await boxed.down()

  expect(reloaded).not.toBe(first)
  expect(restarted).toBe(first)
  expect(processes.filter(isAlive)).toEqual([])
})

test('machines reboot: all of their processes are new, and they serve again', async () => {
  const pidsOf = (name: string) =>
    fleet.processes.filter((each) => each.name.endsWith(` ${name}`)).map(({ pid }) => pid)
  const before = [...pidsOf('web-1'), ...pidsOf('lb-1')]

  await fleet.reboot('web-1')
  await fleet.reboot('lb-1')

  const after = [...pidsOf('web-1'), ...pidsOf('lb-1')]
  expect(after).toHaveLength(before.length)
  expect(after.filter((pid) => before.includes(pid))).toEqual([])
  await ssh(fleet, fleet.hosts[0]?.address, 'true')
  expect(await (await fetch(fleet.frontends[0]!)).text()).toBe('0.9.0')
})

const [other] = haproxyPrograms.filter(({ version }) => version !== installedHaproxy.version)

test.runIf(other)('HAProxy is replaced by another version', async () => {
  const version = async () => /^Version: (\S+)$/m.exec(await askHaproxy(socketPath(fleet, 'lb-2'), 'show info'))?.[1]
  const before = await version()

  await fleet.replaceHaproxy('lb-2', other!.path)

  expect(await version()).not.toBe(before)
  expect(await (await fetch(fleet.frontends[1]!)).text()).toBe('0.9.0')
})

test('a fleet that cannot start says why and leaves nothing running', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vf-'))
  folders.push(folder)
  const network = pickNetwork()

  const broken = startFleet({ dir: folder, hosts: 1, boxes: 1, network, haproxy: { backendLines: ['no such word'] } })

  await expect(broken).rejects.toThrow(/^haproxy lb-1 ended .*haproxy\.log:.*unknown keyword/s)
  expect(openFleet(folder).processes).toEqual([])
  await expect(startFleet({ dir: folder, network: fleet.network })).rejects.toThrow('something listens already on')
})

interface HostKeys {
  ssh: { host_ed25519_public: string }
}

async function aFleet(options: Partial<FleetOptions> = {}): Promise<Fleet> {
  const dir = await mkdtemp(join(tmpdir(), 'vf-'))
  folders.push(dir)
  return startFleet({ dir, hosts: 2, network: pickNetwork(), ...options })
}

async function readNode({ chef }: FleetState, name: string): Promise<ChefNode> {
  const identity = { url: chef.url, clientName: chef.clientName, pem: await readFile(chef.keyPath, 'utf8') }
  return chefRequest<ChefNode>(identity, { method: 'GET', path: `/nodes/${name}` })
}

async function scanKey({ ssh: { port } }: FleetState, address: string): Promise<string | undefined> {
  const { stdout } = await execFileAsync('ssh-keyscan', ['-t', 'ed25519', '-p', String(port), address])
  return stdout.trim().split(' ')[2]
}

async function ssh({ ssh: { keyPath, port, user } }: FleetState, address: string | undefined, command: string) {
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR', 'BatchMode=yes']
  const args = ['-F', '/dev/null', '-i', keyPath, '-p', String(port), ...options.flatMap((option) => ['-o', option])]
  return (await execFileAsync('ssh', [...args, `${user}@${address}`, command])).stdout
}

async function redis({ controlAddress, ports }: FleetState, ...command: string[]): Promise<string> {
  const { stdout } = await execFileAsync('redis-cli', ['-h', controlAddress, '-p', String(ports.redis), ...command])
  return stdout.trim()
}
