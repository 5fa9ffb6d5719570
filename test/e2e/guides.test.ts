import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { samplesOf } from '../../infra/docs/pages.ts'
import { startSystem, type System } from '../support/start-system.ts'

let system: System
/** Where the reader of the guides is. */
let folder: string
beforeAll(async () => {
  system = await startSystem({ fleet: { hosts: 3 } })
  folder = await mkdtemp(join(tmpdir(), 'vesemir-guides-'))
  for (const version of ['1.4.1', '1.4.2']) await system.release(version)
  await system.release('1.5.0', { unhealthy: true })
  const definition = await system.client.getApplication(system.fleet.application)
  await writeFile(join(folder, 'app.yml'), JSON.stringify(definition))
})
afterAll(async () => {
  await system?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const guides = ['first-application', 'canary', 'new-machines', 'rollback', 'retry', 'freeze', 'migrate', 'move']
const blocks = guides
  .flatMap((guide) => samplesOf(`docs/how-to/${guide}.md`, 'sh'))
  .filter(({ words }) => words[0] === 'run')

// One after the other, as a reader goes through them.
test.each(blocks)('$page:$line does what the guide says', async ({ text, words }) => {
  if (words.includes('gated')) await untilGated()
  // The guides' number stands for the newest deployment's.
  const ended = await run(text.replaceAll('d-42', (await latest())?.id ?? 'd-42'))

  const exitCode = words.includes('exits') ? Number(words[words.indexOf('exits') + 1]) : 0
  expect(ended).toMatchObject({ exitCode })
})

async function untilGated(): Promise<void> {
  await vi.waitFor(async () => expect((await latest())?.state.status).toBe('gated'), { timeout: 60_000 })
}

async function latest() {
  const { deployments } = await system.client.listDeployments({ limit: 1 })
  return deployments[0]
}

const main = join(import.meta.dirname, '../../apps/cli/src/main.ts')

/** Runs a block in a shell that stops at the first command that fails. */
function run(text: string): Promise<{ exitCode: number; output: string }> {
  const script = `set -e\nvesemir() { '${process.execPath}' '${main}' "$@"; }\n${text}`
  const env = { PATH: process.env['PATH'], HOME: folder, VESEMIR_URL: system.url, VESEMIR_TOKEN: system.token }
  return new Promise((resolve) => {
    execFile('bash', ['-c', script], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ exitCode: error === null ? 0 : Number(error.code), output: `${stdout}\n${stderr}` }),
    )
  })
}
