import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findProgram } from '../../fleet/programs.ts'
import { waitFor } from '../../fleet/wait-for.ts'
import { median } from '../system/statistics.ts'
import type { BenchSystem } from '../system/start-system.ts'
import { definition, request } from './definition.ts'
import { cipher, type RealHost } from './start-real-host.ts'

export interface UploadFigures {
  megabytes: number
  /** Megabytes in a second, medians. */
  scp: number
  vesemir: number
  /** Of each pair of runs, the median. */
  ratio: number
}

const execute = promisify(execFile)
const pairs = 3

/** Sends the same bytes over the same link and cipher by scp and by a deployment, in turn. */
export async function measureUpload(
  system: BenchSystem,
  { host, megabytes, artifacts }: { host: RealHost; megabytes: number; artifacts: string },
): Promise<UploadFigures> {
  const releases = join(system.dir, 'srv')
  const scp: number[] = []
  const vesemir: number[] = []
  for (let pair = 1; pair <= pairs; pair += 1) {
    const version = `9.${pair}.0`
    const archive = await buildArchive(artifacts, { version, megabytes })
    scp.push(megabytes / (await timeScp(host, archive)))
    vesemir.push(megabytes / (await timeDeployment(system, { version, artifacts, releases })))
    await rm(releases, { recursive: true, force: true })
    await rm(archive)
  }
  const ratio = median(scp.map((rate, index) => vesemir[index]! / rate))
  return { megabytes, scp: median(scp), vesemir: median(vesemir), ratio }
}

/** Makes an archive of bytes that no compression makes smaller, as builds mostly are. */
async function buildArchive(
  folder: string,
  { version, megabytes }: { version: string; megabytes: number },
): Promise<string> {
  const content = join(folder, `content-${version}`)
  await mkdir(content, { recursive: true })
  await writeFile(join(content, 'data'), randomBytes(megabytes * 1024 * 1024))
  const archive = join(folder, `payments-${version}.tar.gz`)
  await execute('sh', ['-c', `tar -C ${content} -cf - data | gzip -1 > ${archive}`])
  await rm(content, { recursive: true })
  return archive
}

async function timeScp({ port, user, keyPath, knownHostsPath }: RealHost, archive: string): Promise<number> {
  const target = `${archive}.copy`
  const options = ['-c', cipher, '-i', keyPath, '-P', String(port), '-o', `UserKnownHostsFile=${knownHostsPath}`]
  const startedMs = performance.now()
  await execute(findProgram('scp'), [
    '-q',
    '-F',
    'none',
    '-o',
    'KexAlgorithms=curve25519-sha256',
    ...options,
    archive,
    `${user}@127.0.0.1:${target}`,
  ])
  const seconds = (performance.now() - startedMs) / 1000
  await rm(target)
  return seconds
}

/** Gives the seconds from the start of connecting until the host has the last byte; what comes then is not the pipe's. */
async function timeDeployment(
  { client }: BenchSystem,
  { version, artifacts, releases }: { version: string; artifacts: string; releases: string },
): Promise<number> {
  const url = `file://${artifacts}/payments-{version}.tar.gz`
  await client.putApplication(definition({ strategy: 'artifact', url, directory: releases }))
  const { id } = await client.createDeployment({ ...request, version })
  const { size } = await stat(join(artifacts, `payments-${version}.tar.gz`))
  const arrivedMs = await arrival(releases, size)
  for await (const event of client.followEvents(id))
    if (!('kind' in event) && event.type === 'host.ended' && event.outcome !== 'succeeded')
      throw new Error(`${id}: ${JSON.stringify(event)}`)
  const { hosts } = await client.getDeployment(id)
  return (arrivedMs - Date.parse(hosts[0]!.steps[0]!.startedAt)) / 1000
}

/** Waits until what the host has received is so many bytes long. To look for it all the while would take a core's tenth. */
async function arrival(folder: string, bytes: number): Promise<number> {
  const limits = { timeoutMs: 120_000, pollMs: 20 }
  const part = await waitFor(
    async () => {
      const names = await readdir(folder, { recursive: true }).catch(() => [])
      return names.find((name) => name.includes('.partial-'))
    },
    { what: 'the artifact begins to arrive', ...limits },
  )
  return waitFor(
    async () => {
      const found = await stat(join(folder, part)).catch(() => undefined)
      return found?.size === bytes ? Date.now() : undefined
    },
    { what: 'the artifact has arrived', ...limits },
  )
}
