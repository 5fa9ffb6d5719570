import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../release/run.ts'
import { buildServerPackage } from './build-server-package.ts'

const root = join(import.meta.dirname, '../..')

/** Builds the npm packages `vesemir` and `vesemir-server`, and packs them into a folder. Returns their paths. */
export async function packPackages(folder: string): Promise<string[]> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await run('turbo', ['run', '@vesemir/cli#build', '@vesemir/dashboard#build', '//#docs:build'])
  const server = join(folder, 'server')
  await buildServerPackage(server)
  for (const built of [join(root, 'apps/cli/dist/package'), server])
    await run('npm', ['pack', '--silent', built, '--pack-destination', folder])
  await rm(server, { recursive: true })
  return (await readdir(folder)).toSorted().map((name) => join(folder, name))
}
