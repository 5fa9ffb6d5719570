import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildServerPackage } from './build-server-package.ts'

const root = join(import.meta.dirname, '../..')
let folder: string
let dependencies: Record<string, string>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-server-'))
  await buildServerPackage(folder)
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    dependencies: typeof dependencies
  }
  dependencies = manifest.dependencies
  for (const name of Object.keys(dependencies)) await install(name)
})
afterAll(() => rm(folder, { recursive: true }))

test.each([
  ['api.mjs', 'VESEMIR_API_CONFIG'],
  ['worker.mjs', 'VESEMIR_WORKER_CONFIG'],
])('%s runs with its dependencies alone, up to its settings', async (program, variable) => {
  const run = promisify(execFile)(process.execPath, [join(folder, program)], { env: {} })

  const stderr = `error: ${variable} is not set: it names the settings file (CONFIG_INVALID)\n→ Fix the named setting or file.\n`
  await expect(run).rejects.toMatchObject({ code: 2, stderr })
})

test('names every library with the version that the workspace has', async () => {
  expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(['bullmq', 'fastify', 'ssh2', 'zod']))
  expect(Object.keys(dependencies).filter((name) => name.startsWith('@vesemir/'))).toEqual([])
  expect(Object.values(dependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
})

/** Puts a dependency where npm would, from whoever has it in the workspace. */
async function install(name: string): Promise<void> {
  const owners = ['apps/api', 'apps/worker', 'packages/store', 'packages/machines', 'packages/process'].map((owner) =>
    join(root, owner, 'node_modules', name),
  )
  const there = join(folder, 'node_modules', name)
  await mkdir(dirname(there), { recursive: true })
  await symlink(
    owners.find((path) => existsSync(path))!,
    there,
  )
}
