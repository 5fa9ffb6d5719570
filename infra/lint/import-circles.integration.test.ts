import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vesemir-lint-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('lint refuses files that import each other, also where they import types alone', () => {
  writeFileSync(
    join(folder, 'host.ts'),
    "import type { Fleet } from './fleet.ts'\nexport interface Host { fleet: Fleet }\n",
  )
  writeFileSync(
    join(folder, 'fleet.ts'),
    "import type { Host } from './host.ts'\nexport interface Fleet { hosts: Host[] }\n",
  )

  const { status, stdout } = spawnSync('oxlint', ['--config', join(root, '.oxlintrc.json'), folder], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` },
  })

  expect(stdout).toContain('import(no-cycle)')
  expect(status).toBe(1)
})
