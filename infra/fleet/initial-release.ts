import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { buildArtifact } from '../sample-app/build-artifact.ts'
import { runProgram } from './programs.ts'

/** Gives a folder with the fleet's first release: the one given, unpacked when it is a tar.gz, or the sample application. */
export async function initialRelease({ dir, version, release }: { dir: string; version: string; release?: string }) {
  const path = release ?? (await buildSample({ dir, version }))
  if (!existsSync(path)) throw new Error(`there is no release at ${path}`)
  const folder = statSync(path).isDirectory() ? path : await unpack(path, join(dir, 'release', 'unpacked'))
  if (!existsSync(join(folder, 'start')))
    throw new Error(`the release ${path} has no start script: it must contain "start"`)
  return folder
}

async function buildSample({ dir, version }: { dir: string; version: string }): Promise<string> {
  const folder = join(dir, 'release')
  mkdirSync(folder, { recursive: true })
  return (await buildArtifact({ version, folder })).path
}

async function unpack(archive: string, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true })
  await runProgram('tar', ['-xzof', archive, '-C', folder])
  return folder
}
