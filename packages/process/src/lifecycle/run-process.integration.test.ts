import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

test.each([
  ['a rejection that nobody handles', "void Promise.reject(new Error('orphaned'))"],
  ['what a timer throws', "setTimeout(() => { throw new Error('orphaned') })"],
])('a process does not end by %s without its last words', (_, code) => {
  const module = new URL('./run-process.ts', import.meta.url).href
  const program = `
    import { runProcess } from '${module}'
    await runProcess(async () => { ${code}; await new Promise((resolve) => setTimeout(resolve, 10_000)) })`

  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })

  expect(status).toBe(1)
  expect(JSON.parse(stderr)).toMatchObject({
    level: 'fatal',
    err: { name: 'Error', message: 'orphaned', stack: expect.stringMatching(/^Error: orphaned\n {4}at /) as string },
  })
})
