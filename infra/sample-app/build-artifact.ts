import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

/** How a release of the sample application behaves; written into its `release.json`. */
export interface ReleaseBehaviour {
  /** Answers 503 on every path for this long after its start. Default 0. */
  warmupMs?: number
  /** `/healthz` answers 503 for ever. Default false. */
  unhealthy?: boolean
  /** How long `/slow` takes. Default 200. */
  slowMs?: number
  /** Answers 500 to each so manieth request for `/`. Default never. */
  failEvery?: number
  /** Ends with exit code 1 instead of listening. Default false. */
  crashOnStart?: boolean
}

/** What to build: `folder` is made when it is missing, `application` is `payments` unless given. */
export interface ArtifactRequest extends ReleaseBehaviour {
  version: string
  folder: string
  application?: string
}

/** A built artifact: where it is, its SHA-256 in hex, its size. */
export interface Artifact {
  path: string
  sha256: string
  bytes: number
}

/**
 * Builds `<folder>/<application>-<version>.tar.gz` with a release of the sample application at its root.
 * The same request gives the same bytes: order, times, owners and modes in the archive are fixed.
 */
export async function buildArtifact(request: ArtifactRequest): Promise<Artifact> {
  const { version, folder, application = 'payments', ...behaviour } = request
  const archive = await compress(await packRelease({ version, ...behaviour }))
  const path = join(folder, `${application}-${version}.tar.gz`)
  await mkdir(folder, { recursive: true })
  await writeFile(path, archive)
  return { path, sha256: createHash('sha256').update(archive).digest('hex'), bytes: archive.length }
}

const run = promisify(execFile)
const compress = promisify<Buffer, Buffer>(gzip)
const programs = ['migrate', 'start']
const copied = ['greeting.yml.tmpl', 'server.mjs', ...programs]
const files = ['release.json', ...copied]

async function packRelease(release: ReleaseBehaviour & { version: string }): Promise<Buffer> {
  const staging = await mkdtemp(join(tmpdir(), 'vesemir-release-'))
  try {
    for (const file of copied) await copyFile(join(import.meta.dirname, 'release', file), join(staging, file))
    await writeFile(join(staging, 'release.json'), `${JSON.stringify(release, null, 2)}\n`)
    for (const file of files) await chmod(join(staging, file), programs.includes(file) ? 0o755 : 0o644)
    const fixed = ['--format=ustar', '--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner']
    const { stdout } = await run('tar', ['-C', staging, ...fixed, '-cf', '-', ...files], {
      encoding: 'buffer',
      timeout: 30_000,
    })
    return stdout
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}
