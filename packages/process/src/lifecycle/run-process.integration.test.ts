import { errorTable } from '@vesemir/core'
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

test.each(['CONFIG_INVALID', 'SCHEMA_TOO_NEW', 'REDIS_UNSAFE'] as const)(
  'a process that cannot start for %s says so with what to do, and its own exit code',
  (code) => {
    const module = new URL('./run-process.ts', import.meta.url).href
    const program = `
      import { VesemirError } from '@vesemir/core'
      import { runProcess } from '${module}'
      await runProcess(async () => { throw new VesemirError('${code}', 'not like this') })`

    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
      cwd: import.meta.dirname,
    })

    expect(stderr).toBe(`error: not like this (${code})\n→ ${errorTable[code].hint}\n`)
    expect(status).toBe(errorTable[code].exit)
  },
)
