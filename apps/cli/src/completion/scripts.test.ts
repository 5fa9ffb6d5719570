import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { closedUrl } from '../testing/closed-url.ts'
import { startFakeApi } from '../testing/fake-api.ts'
import { runCli } from '../testing/run-cli.ts'
import { failedStory, viewOf } from '../testing/story.ts'

vi.setConfig({ testTimeout: 30_000 })

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-completion-'))
  const main = join(import.meta.dirname, '../main.ts')
  await writeFile(join(folder, 'vesemir'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`)
  await chmod(join(folder, 'vesemir'), 0o755)
})
afterAll(() => rm(folder, { recursive: true }))

test('bash completes commands, options and the deployments that there are', async () => {
  const page = { deployments: [viewOf(failedStory).deployment] }
  await using api = await startFakeApi({ answers: { 'GET /v1/deployments?limit=30': [200, page] } })

  expect(await completeInBash(['dep'], api.url)).toEqual(['deploy'])
  expect(await completeInBash(['logs', 'd-42', '--ste'], api.url)).toEqual(['--step'])
  expect(await completeInBash(['retry', ''], api.url)).toEqual(['d-42'])
})

test('tells zsh and fish what each answer means', async () => {
  const page = { deployments: [viewOf(failedStory).deployment] }
  await using api = await startFakeApi({ answers: { 'GET /v1/deployments?limit=30': [200, page] } })

  const zsh = await runCli(['complete', 'zsh', '--', 'retry', 'd-'], { url: api.url })
  const fish = await runCli(['complete', 'fish', '--', 'retry', ''], { url: api.url })

  expect(zsh.stdout).toBe('d-42:payments 2.0.0 to production, failed\n')
  expect(fish.stdout).toBe('d-42\tpayments 2.0.0 to production, failed\n')
})

test('answers nothing, and says nothing, when the API is not there', async () => {
  const url = await closedUrl()

  const answer = await runCli(['complete', 'bash', '--', 'retry', ''], { url })

  expect(answer).toEqual({ exit: 0, stdout: '', stderr: '' })
})

async function completeInBash(words: string[], url: string): Promise<string[]> {
  const script = `
    source <(vesemir completion bash)
    COMP_WORDS=(vesemir "$@") COMP_CWORD=$#
    _vesemir
    printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = await promisify(execFile)('bash', ['-c', script, 'bash', ...words], {
    env: { PATH: `${folder}${delimiter}${process.env.PATH}`, HOME: folder, VESEMIR_URL: url },
  })
  return stdout.trimEnd().split('\n')
}
