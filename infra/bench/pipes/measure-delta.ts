import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { BenchSystem } from '../system/start-system.ts'
import { definition, request } from './definition.ts'
import type { RealHost } from './start-real-host.ts'

/** How a release of which little has changed reaches its hosts, in seconds until all have it; bytes are those of one host. */
export interface DeltaFigures {
  hosts: number
  wholeSeconds: number
  deltaSeconds: number
  rsyncSeconds: number
  bytesSent: number
  bytesChanged: number
}

const execute = promisify(execFile)
const concurrency = 5
const files = 300

/**
 * Deploys a release to hosts that have none, then one of which one file in a hundred has changed, and has rsync bring the same
 * change by `--link-dest`, as many hosts at once.
 */
export async function measureDelta(
  system: BenchSystem,
  {
    host,
    hosts,
    megabytes,
    artifacts,
  }: { host: RealHost; hosts: readonly string[]; megabytes: number; artifacts: string },
): Promise<DeltaFigures> {
  const releases = join(system.dir, 'srv')
  const content = join(artifacts, 'content')
  const fileBytes = Math.round((megabytes * 1024 * 1024) / files)
  await mkdir(content)
  for (let index = 0; index < files; index += 1) await writeFile(fileIn(content, index), randomBytes(fileBytes))
  await pack(artifacts, '8.0.0')
  const deploy = (version: string) => timeDeployment(system, { version, artifacts, releases, hosts: hosts.length })
  const whole = await deploy('8.0.0')
  const changed = Math.round(files / 100)
  for (let index = 0; index < changed; index += 1) await writeFile(fileIn(content, index), randomBytes(fileBytes))
  await pack(artifacts, '8.1.0')
  const delta = await deploy('8.1.0')
  const rsyncSeconds = await timeRsync(host, { content, releases, hosts })
  await rm(releases, { recursive: true })
  return {
    hosts: hosts.length,
    wholeSeconds: whole.seconds,
    deltaSeconds: delta.seconds,
    rsyncSeconds,
    bytesSent: delta.bytesSent,
    bytesChanged: changed * fileBytes,
  }
}

function fileIn(folder: string, index: number): string {
  return join(folder, `file-${index}`)
}

async function pack(artifacts: string, version: string): Promise<void> {
  await execute('sh', ['-c', `tar -C ${artifacts}/content -cf - . | gzip -1 > ${artifacts}/payments-${version}.tar.gz`])
}

async function timeDeployment(
  { client }: BenchSystem,
  { version, artifacts, releases, hosts }: { version: string; artifacts: string; releases: string; hosts: number },
): Promise<{ seconds: number; bytesSent: number }> {
  const url = `file://${artifacts}/payments-{version}.tar.gz`
  const changeset = { strategy: 'artifact' as const, url, directory: join(releases, '{host}') }
  await client.putApplication({ ...definition(changeset), concurrency })
  await settleDisk()
  const startedMs = performance.now()
  const { id } = await client.createDeployment({ ...request, version })
  let [ended, bytesSent] = [0, 0]
  for await (const event of client.followEvents(id)) {
    if ('kind' in event) continue
    if (event.type === 'step.ended' && event.step === 'deploy') bytesSent = sentBytesIn(event.note ?? '')
    if (event.type !== 'host.ended') continue
    if (event.outcome !== 'succeeded') throw new Error(`${id}: ${JSON.stringify(event)}`)
    ended += 1
    if (ended === hosts) break
  }
  if (ended < hosts) throw new Error(`${id} ended with ${ended} of ${hosts} hosts`)
  return { seconds: (performance.now() - startedMs) / 1000, bytesSent }
}

/** What was measured before has left gigabytes to be written, which is not time of what is measured next. */
async function settleDisk(): Promise<void> {
  await execute('sync')
}

/** Reads what a host was sent from the note of its step: "sent 3.0 MiB, …". */
function sentBytesIn(note: string): number {
  const [, number, unit = ''] = /sent ([\d.]+) (\w+)/.exec(note) ?? []
  const factors: Record<string, number> = { bytes: 1, KiB: 1024, MiB: 1024 * 1024 }
  if (number === undefined || factors[unit] === undefined) throw new Error(`how much was sent is not in "${note}"`)
  return Math.round(Number(number) * factors[unit])
}

/** As a script would: a new folder beside the release that is there, with hard links to what is the same in both. */
async function timeRsync(
  { port, user, keyPath, knownHostsPath }: RealHost,
  { content, releases, hosts }: { content: string; releases: string; hosts: readonly string[] },
): Promise<number> {
  const shell = `ssh -F none -p ${port} -i ${keyPath} -o UserKnownHostsFile=${knownHostsPath}`
  const bring = (name: string) => {
    const base = `${releases}/${name}/current/`
    const args = ['-a', '--checksum', '-e', shell, `--link-dest=${base}`, `${content}/`]
    return execute('rsync', [...args, `${user}@127.0.0.1:${releases}/${name}/releases/by-rsync/`])
  }
  await settleDisk()
  const startedMs = performance.now()
  const todo = hosts.values()
  const work = async () => {
    for (const name of todo) await bring(name)
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  return (performance.now() - startedMs) / 1000
}
