import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { isAbsolute, join } from 'node:path'
import { rolldown } from 'rolldown'
import { parse } from 'yaml'
import { settingsSchemas } from '../docs/settings/files.ts'

const root = join(import.meta.dirname, '../..')

interface Manifest {
  version: string
  description: string
  license: string
  engines: Record<string, string>
  dependencies?: Record<string, string>
}

/**
 * Builds the npm package `vesemir-server`: API, worker and page, as `vesemir standalone` starts them. The workspace's code is
 * bundled, and with it the Lua and shell programs that it names by `new URL('./x.lua', import.meta.url)`, and ssh2, which the workspace
 * patches. Other libraries are dependencies, since some of them find their files by where their package lies. The JSON Schemas of all files
 * that people write are in `schemas`. The page and the documentation are in it when they are built.
 */
export async function buildServerPackage(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  const input = {
    'vesemir-server': join(import.meta.dirname, 'vesemir-server.ts'),
    api: join(root, 'apps/api/src/main.ts'),
    worker: join(root, 'apps/worker/src/main.ts'),
  }
  const experimental = { resolveNewUrlToAsset: true }
  // ssh2 is CommonJS: it looks for a program of Windows beside itself.
  const transform = { define: { __dirname: 'import.meta.dirname' } }
  const bundle = await rolldown({ input, platform: 'node', external: isLibrary, experimental, transform })
  const { output } = await bundle.write({
    dir: folder,
    entryFileNames: '[name].mjs',
    chunkFileNames: 'parts/[name]-[hash].mjs',
    assetFileNames: 'programs/[name]-[hash][extname]',
  })
  await bundle.close()
  const parts = new Set(output.map(({ fileName }) => fileName))
  const imported = output.flatMap((part) => (part.type === 'chunk' ? [...part.imports, ...part.dynamicImports] : []))
  const libraries = imported.filter((id) => !parts.has(id) && isLibrary(id)).map(packageOf)
  const manifest = await describePackage(new Set(libraries))
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
  await mkdir(join(folder, 'schemas'))
  for (const [name, schema] of Object.entries(await settingsSchemas()))
    await writeFile(join(folder, 'schemas', `${name}.json`), `${JSON.stringify(schema, undefined, 2)}\n`)
  for (const [name, built] of Object.entries({ page: 'apps/dashboard/dist', help: 'docs/.vitepress/dist' }))
    if (existsSync(join(root, built))) await cp(join(root, built), join(folder, name), { recursive: true })
}

/** ssh2 and what it consists of, but for what it does without where it is not built. */
const bundled = ['ssh2', 'asn1', 'bcrypt-pbkdf', 'safer-buffer', 'tweetnacl']

function isLibrary(id: string): boolean {
  if (id.endsWith('.node') || id === 'cpu-features') return true
  const isOther = !id.startsWith('.') && !isAbsolute(id) && !id.startsWith('@vesemir/') && !isBuiltin(id)
  return isOther && !bundled.includes(packageOf(id))
}

/** `@fastify/cookie/types` is part of `@fastify/cookie`. */
function packageOf(id: string): string {
  return id.split('/', id.startsWith('@') ? 2 : 1).join('/')
}

/** @throws {Error} when something is imported that the workspace has no version of */
async function describePackage(libraries: ReadonlySet<string>): Promise<object> {
  const { catalog } = parse(await readFile(join(root, 'pnpm-workspace.yaml'), 'utf8')) as {
    catalog: Record<string, string>
  }
  const { description, license, engines } = await readManifest(root)
  const { version } = await readManifest(join(root, 'apps/api'))
  const unknown = [...libraries].filter((name) => catalog[name] === undefined)
  if (unknown.length > 0) throw new Error(`the catalog has no version of ${unknown.join(', ')}`)
  return {
    name: 'vesemir-server',
    version,
    description: `${description}: the server`,
    license,
    engines,
    type: 'module',
    bin: { 'vesemir-server': 'vesemir-server.mjs' },
    dependencies: Object.fromEntries([...libraries].sort().map((name) => [name, catalog[name]])),
  }
}

async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest
}
