import { execFile } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, realpath, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '../../..')

/** What is upgraded from until there is a release: the tag before this commit takes its place. */
const beforeAnyRelease = 'fd045645af1e87105589fd392a1862ec0a230145'

const runFile = promisify(execFile)

/**
 * Builds the server package of the version before this one and puts it into a folder as npm does, with the libraries of this workspace.
 * Returns what Git calls that version.
 * @throws {Error} when this clone does not have the version
 */
export async function installVersionBefore(folder: string): Promise<string> {
  const version = await findVersionBefore()
  const sources = join(folder, 'sources')
  await checkOut(version, sources)
  await install(sources, folder)
  return version
}

/** Builds the server package of this workspace and puts it into a folder, as `installVersionBefore` does. */
export async function installThisVersion(folder: string): Promise<void> {
  await install(root, folder)
}

async function install(sources: string, folder: string): Promise<void> {
  const installed = join(folder, 'node_modules/vesemir-server')
  const build = `await (await import(process.argv[1])).buildServerPackage(process.argv[2])`
  const builder = join(sources, 'infra/packages/build-server-package.ts')
  await runFile(process.execPath, ['--input-type=module', '--eval', build, builder, installed])
  await linkLibraries(sources, { installed, modules: join(folder, 'node_modules') })
}

async function findVersionBefore(): Promise<string> {
  const tag = await git('describe', '--tags', '--abbrev=0', '--match', 'v*', 'HEAD^').catch(() => undefined)
  const version = tag ?? beforeAnyRelease
  const isHere = await git('rev-parse', '--verify', `${version}^{commit}`).catch(() => undefined)
  if (isHere) return version
  throw new Error(`this clone does not have ${version}, the version before; run git fetch --unshallow --tags`)
}

/** Returns whether this clone has its history, without which there is no version before. Says so where it does not. */
export async function hasHistory(): Promise<boolean> {
  const isShallow = await git('rev-parse', '--is-shallow-repository').catch(() => 'no repository')
  if (isShallow === 'false') return true
  console.warn('Not tested against the version before: this clone has no history. Run git fetch --unshallow --tags')
  return false
}

/** Writes the sources of a version into a folder, and links there what is installed here. */
async function checkOut(version: string, sources: string): Promise<void> {
  await mkdir(join(sources, 'node_modules'), { recursive: true })
  const archive = `${sources}.tar`
  await git('archive', '--output', archive, version)
  await runFile('tar', ['--extract', '--file', archive, '--directory', sources])
  for (const name of await readdir(join(root, 'node_modules')))
    if (name !== '@vesemir') await symlink(join(root, 'node_modules', name), join(sources, 'node_modules', name))
  // Links between packages are relative: copied, they lead to the packages of that version.
  for (const links of ['node_modules/@vesemir', ...globSync('{packages,apps}/*/node_modules', { cwd: root })])
    await cp(join(root, links), join(sources, links), { recursive: true, verbatimSymlinks: true })
}

interface Places {
  /** The folder of the package. */
  installed: string
  modules: string
}

async function linkLibraries(sources: string, { installed, modules }: Places): Promise<void> {
  const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  for (const name of Object.keys(manifest.dependencies)) {
    const owned = globSync('{packages,apps}/*/node_modules', { cwd: sources }).map((each) => join(sources, each, name))
    const library = owned.find((path) => existsSync(path))
    if (!library) throw new Error(`${name}, a library of the version before, is not installed`)
    await mkdir(dirname(join(modules, name)), { recursive: true })
    await symlink(await realpath(library), join(modules, name))
  }
}

async function git(...args: string[]): Promise<string> {
  const { stdout } = await runFile('git', ['-C', root, ...args])
  return stdout.trim()
}
