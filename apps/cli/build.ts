import { execFile } from 'node:child_process'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ApplicationDefinition } from '@vesemir/contract'
import { toJsonSchema } from '@vesemir/process/settings'
import { rolldown } from 'rolldown'
import { plainBuiltIns } from './plain-built-ins.ts'

interface Manifest {
  version: string
  license: string
  description: string
  engines: Record<string, string>
}

const root = join(import.meta.dirname, '../..')
const folder = join(import.meta.dirname, 'dist/package')

// What every command needs that asks the API, and nothing that loads schemas.
const ofSessions = new RegExp(
  [
    String.raw`apps/cli/src/(config|exit-codes|explain-error|gather-writes|http|open-client|session)\.ts$`,
    String.raw`apps/cli/src/(actions/(find-latest|page|read-holds|watch)|ci/(annotations|detect-ci|github|gitlab))\.ts$`,
    String.raw`packages/contract/src/(api-error|client|deployment-id|duration|endpoints|follow-events|parse-json|step-names)\.ts$`,
  ].join('|'),
)

/**
 * Builds the npm package `vesemir` in dist/package: the whole command line, its libraries in it, so that installing it
 * installs nothing else. What only some commands need is in files of its own. The help is written ahead. The
 * JSON Schema of an application is in `schemas`, for editors.
 */
await rm(folder, { recursive: true, force: true })
const bundle = await rolldown({
  input: { vesemir: join(import.meta.dirname, 'src/main.ts') },
  platform: 'node',
  preserveEntrySignatures: false,
  plugins: [plainBuiltIns],
})
await bundle.write({
  dir: join(folder, 'bin'),
  entryFileNames: '[name].mjs',
  chunkFileNames: 'parts/[name]-[hash].mjs',
  // Each file that a command loads takes a while: what several need is in one.
  codeSplitting: {
    includeDependenciesRecursively: false,
    groups: [
      { name: 'session', test: ofSessions },
      { name: 'shared', minShareCount: 3, test: /(apps\/cli\/src\/render|packages\/(words|core))\// },
    ],
  },
  minify: { compress: true, mangle: false, codegen: true },
})
await bundle.close()
const vesemir = join(folder, 'bin/vesemir.mjs')
await chmod(vesemir, 0o755)
const { stdout: help } = await promisify(execFile)(process.execPath, [vesemir, '--help'])
await writeFile(join(folder, 'bin/help.txt'), help)
await mkdir(join(folder, 'schemas'))
const schema = toJsonSchema(ApplicationDefinition, { title: 'An application of Vesemir' })
await writeFile(join(folder, 'schemas/application.json'), `${JSON.stringify(schema, undefined, 2)}\n`)
await writeFile(join(folder, 'package.json'), `${JSON.stringify(await readManifest(), undefined, 2)}\n`)

async function readManifest(): Promise<object> {
  const { license, description, engines } = await readJson(join(root, 'package.json'))
  const { version } = await readJson(join(import.meta.dirname, 'package.json'))
  return {
    name: 'vesemir',
    version,
    description,
    license,
    engines,
    type: 'module',
    bin: { vesemir: 'bin/vesemir.mjs' },
    files: ['bin', 'schemas'],
  }
}

async function readJson(path: string): Promise<Manifest> {
  return JSON.parse(await readFile(path, 'utf8')) as Manifest
}
