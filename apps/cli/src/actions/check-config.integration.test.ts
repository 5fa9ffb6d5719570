import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-check-'))
})
afterEach(() => rm(folder, { recursive: true }))

const cluster = `
    inventory: { kind: file, path: /etc/vesemir/hosts.yml }
    remoteShell: { kind: ssh, user: deploy, privateKey: /etc/vesemir/id_ed25519 }`
const valid = {
  application: 'name: payments\nteam: core',
  cli: 'url: https://vesemir.example',
  api: `orders: unsigned\nclusters: [eu]\ntokens: { ada: { role: admin, sha256: ${'ab'.repeat(32)} } }`,
  worker: `orders: unsigned\nclusters:\n  eu:${cluster}`,
}

test.each(Object.entries(valid))('config check accepts valid settings of %s', async (kind, text) => {
  const file = await written(text)

  expect(await runCli(['config', 'check', file])).toEqual({ exit: 0, stdout: `${file} is valid\n`, stderr: '' })
  expect(await runCli(['config', 'check', file, '--as', kind])).toMatchObject({ exit: 0 })
})

test.each([
  ['application', `${valid.application}\nconcurrency: 0%`, ':3:1  concurrency: "0%" is not'],
  ['application', `${valid.application}\nhealthCheck:\n  kind: http\n  prot: 80`, ':5:3  healthCheck.prot: unknown'],
  ['cli', 'url: vesemir.example', ':1:1  url: is not an http: or https: URL'],
  ['api', `${valid.api}\nport: many`, ':4:1  port: "many" is not a number'],
  [
    'worker',
    `${valid.worker}\nretention:\n  keepAtMost: 10`,
    ':7:3  retention.keepAtMost: is less than keepLast, which is 20',
  ],
  ['worker', `${valid.worker}\nretention:\n  keepDays: -1`, ':7:3  retention.keepDays: -1 is too small'],
])('config check names the field of %s that is wrong, its place and value', async (_, text, complaint) => {
  const file = await written(text)

  const { exit, stderr } = await runCli(['config', 'check', file])

  expect(exit).toBe(2)
  expect(stderr).toContain(`error: ${file} is not valid`)
  expect(stderr).toContain(complaint)
})

test('config check says that a file is missing, or is not YAML, without its text', async () => {
  const broken = await written('token: [hunter2')

  expect(await runCli(['config', 'check', '/not/there'])).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('cannot read /not/there: ENOENT'),
  })
  const { exit, stderr } = await runCli(['config', 'check', broken])
  expect({ exit, quotes: stderr.includes('hunter2') }).toEqual({ exit: 2, quotes: false })
})

test('config check prints JSON for programs', async () => {
  const file = await written(valid.application)

  const { stdout } = await runCli(['config', 'check', file, '--json'])

  expect(JSON.parse(stdout)).toEqual({ file, kind: 'application', valid: true })
})

async function written(text: string): Promise<string> {
  const file = join(folder, 'settings.yml')
  await writeFile(file, text)
  return file
}
