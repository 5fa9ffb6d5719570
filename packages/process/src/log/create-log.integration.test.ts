import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

test.each([
  ['has nothing left to do', ''],
  ['exits', 'process.exit()'],
  ['exits soon', 'setTimeout(() => process.exit(), 1)'],
  ['throws', "process.once('uncaughtException', () => process.exit()); throw new Error('by nobody caught')"],
  [
    'was told to end',
    "process.once('SIGTERM', () => process.exit()); process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 10_000)",
  ],
])('all that a process has logged is written when it %s', (_, end) => {
  const module = new URL('./create-log.ts', import.meta.url).href
  const program = `
    import { createLog } from '${module}'
    const log = createLog()
    for (let index = 0; index < 1000; index += 1) log.info({ index }, 'a line')
    ${end}`

  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })

  // In whatever order: what is being written just then is written beside the rest.
  const logged = stdout
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { index: number }).index)
  expect(logged.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, index) => index))
})
