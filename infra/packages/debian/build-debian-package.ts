import { createHash } from 'node:crypto'
import { chmod, copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { output, run } from '../../release/run.ts'
import { pruneModules } from '../prune-modules.ts'

const maintainer = 'Vesemir <vesemir@localhost>'
const root = join(import.meta.dirname, '../../..')
const scripts = ['postinst', 'prerm', 'postrm']
const units = ['vesemir-api.service', 'vesemir-worker.service']

/**
 * Builds the Debian package `vesemir-server` of the packed npm packages: both commands with all that they need, the Node.js that runs
 * this included, since Debian's is older; systemd units; folders for settings and keys. Returns its path.
 */
export async function buildDebianPackage(packages: readonly string[], folder: string): Promise<string> {
  const tree = join(folder, 'debian')
  await rm(tree, { recursive: true, force: true })
  await installTree(packages, tree)
  const { version } = await readManifest(join(tree, 'usr/lib/vesemir/node_modules/vesemir-server'))
  const architecture = (await output('dpkg', ['--print-architecture'])).trim()
  await writeChangelog(tree, version)
  await writeControl(tree, { version, architecture })
  const built = join(folder, `vesemir-server_${version}_${architecture}.deb`)
  await run('dpkg-deb', ['--root-owner-group', '-Zxz', '-z1', '--build', tree, built])
  await rm(tree, { recursive: true })
  return built
}

/** Puts everything where the package has it. */
async function installTree(packages: readonly string[], tree: string): Promise<void> {
  const lib = join(tree, 'usr/lib/vesemir')
  const doc = join(tree, 'usr/share/doc/vesemir-server')
  const unitFolder = join(tree, 'usr/lib/systemd/system')
  const overrides = join(tree, 'usr/share/lintian/overrides')
  for (const made of [
    join(lib, 'bin'),
    join(tree, 'usr/bin'),
    doc,
    unitFolder,
    overrides,
    join(tree, 'etc/vesemir/keys'),
  ])
    await mkdir(made, { recursive: true })
  await installModules(packages, lib)
  await pruneModules(join(lib, 'node_modules'))
  await copyFile(process.execPath, join(lib, 'bin/node'))
  await chmod(join(lib, 'bin/node'), 0o755)
  for (const [command, program] of Object.entries(commands)) await writeCommand(join(tree, 'usr/bin', command), program)
  for (const unit of units) await writeFile(join(unitFolder, unit), await unitText(unit))
  await copyFile(join(root, 'LICENSE'), join(doc, 'copyright'))
  await copyFile(join(root, 'CHANGELOG.md'), join(doc, 'CHANGELOG.md'))
  await copyFile(join(import.meta.dirname, 'lintian-overrides'), join(overrides, 'vesemir-server'))
}

/** Debian's own form, of this version alone: CHANGELOG.md beside it has all. */
async function writeChangelog(tree: string, version: string): Promise<void> {
  const date = new Date().toUTCString().replace('GMT', '+0000')
  const entry = `vesemir-server (${version}) stable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- ${maintainer}  ${date}\n`
  await writeFile(join(tree, 'usr/share/doc/vesemir-server/changelog.gz'), gzipSync(entry, { level: 9 }))
}

const commands = { vesemir: 'vesemir/bin/vesemir.mjs', 'vesemir-server': 'vesemir-server/vesemir-server.mjs' }

/** Installs the packages beside each other, where the command line finds the server. */
export async function installModules(packages: readonly string[], folder: string): Promise<void> {
  const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--prefer-offline', '--silent']
  await run('npm', ['install', '--prefix', folder, ...quiet, ...packages])
  await rm(join(folder, 'package.json'), { force: true })
}

async function writeCommand(path: string, program: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\nexec /usr/lib/vesemir/bin/node /usr/lib/vesemir/node_modules/${program} "$@"\n`)
  await chmod(path, 0o755)
}

async function unitText(unit: string): Promise<string> {
  const text = await readFile(join(import.meta.dirname, unit), 'utf8')
  return text.replace('@hardening@\n', await readFile(join(import.meta.dirname, 'hardening.conf'), 'utf8'))
}

async function writeControl(tree: string, about: { version: string; architecture: string }): Promise<void> {
  const control = join(tree, 'DEBIAN')
  await mkdir(control)
  const files = await filesOf(tree)
  const sums = await Promise.all(files.map(async (file) => `${await md5(file)}  ${relative(tree, file)}\n`))
  await writeFile(join(control, 'control'), await controlText(about))
  await writeFile(join(control, 'md5sums'), sums.join(''))
  for (const script of scripts) {
    await cp(join(import.meta.dirname, script), join(control, script))
    await chmod(join(control, script), 0o755)
  }
}

async function controlText({ version, architecture }: { version: string; architecture: string }): Promise<string> {
  return `Package: vesemir-server
Version: ${version}
Architecture: ${architecture}
Maintainer: ${maintainer}
Section: admin
Priority: optional
Depends: adduser, libc6 (>= 2.28), libstdc++6
Suggests: redis-server
Description: Vesemir: API, worker and command line
 Rolling deployments to virtual machines behind HAProxy, found through Chef,
 over SSH.
`
}

async function filesOf(tree: string): Promise<string[]> {
  const entries = await readdir(tree, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

async function md5(file: string): Promise<string> {
  return createHash('md5')
    .update(await readFile(file))
    .digest('hex')
}

async function readManifest(folder: string): Promise<{ version: string; description: string }> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string; description: string }
}
