import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { output } from '../../release/run.ts'
import { installModules } from '../debian/build-debian-package.ts'
import { pruneModules } from '../prune-modules.ts'

/** Where containers mount what they need: builders of images make nothing on a read-only root. */
const mountPoints = ['etc/vesemir', 'dev', 'proc', 'run', 'sys', 'tmp', 'var/cache/vesemir', 'var/lib/vesemir']

/**
 * Builds what an image of API and worker is made from: a Containerfile, and a root folder with the packed npm packages, the Node.js that runs
 * this and the libraries that it needs. No shell and no other program is in it. Returns its path.
 */
export async function buildContainerContext(packages: readonly string[], folder: string): Promise<string> {
  const context = join(folder, 'container')
  const root = join(context, 'root')
  await rm(context, { recursive: true, force: true })
  const lib = join(root, 'usr/lib/vesemir')
  await installModules(packages, lib)
  await pruneModules(join(lib, 'node_modules'))
  await put(process.execPath, join(lib, 'bin/node'))
  await put(join(import.meta.dirname, 'check-health.mjs'), join(lib, 'check-health.mjs'))
  for (const library of await librariesOf(process.execPath)) await put(library, join(root, library))
  for (const made of mountPoints) await mkdir(join(root, made), { recursive: true })
  await writeFile(join(root, 'etc/passwd'), 'vesemir:x:10001:10001:Vesemir:/var/lib/vesemir:/sbin/nologin\n')
  await writeFile(join(root, 'etc/group'), 'vesemir:x:10001:\n')
  await writeFile(join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n')
  await copyFile(join(import.meta.dirname, 'Containerfile'), join(context, 'Containerfile'))
  return context
}

async function put(file: string, there: string): Promise<void> {
  await mkdir(dirname(there), { recursive: true })
  await copyFile(file, there)
}

/** Returns the paths of the shared libraries that a program is linked with, its loader included. */
async function librariesOf(program: string): Promise<string[]> {
  const listed = await output('ldd', [program])
  return [...listed.matchAll(/(?:=> |^\t)(\/\S+) \(/gm)].map(([, path]) => path!)
}
