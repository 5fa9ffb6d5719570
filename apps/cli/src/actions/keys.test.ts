import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-keys-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('keys make writes keys that only their owner may read, prints their settings, and replaces none', async () => {
  const made = await runCli(['keys', 'make', folder])
  const again = await runCli(['keys', 'make', folder])

  const files = await readdir(folder)
  const modes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).mode & 0o777))
  expect(files.toSorted()).toEqual(['orders.key', 'orders.pub', 'record.key', 'record.pub'])
  expect(modes).toEqual([0o600, 0o600, 0o600, 0o600])
  expect(made.exit).toBe(0)
  expect(made.stdout).toContain(`orders: { key: ${folder}/orders.key, recordPublicKeys: [${folder}/record.pub] }`)
  expect(again.exit).toBe(2)
  expect(again.stderr).toContain(`${folder}/orders.key cannot be written: EEXIST`)
})
