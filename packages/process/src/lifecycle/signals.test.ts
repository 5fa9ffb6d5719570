import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

/** A program that ends some time after it was asked to. */
function startProgram() {
  const module = new URL('./signals.ts', import.meta.url).href
  const program = `
    import { untilSignalled } from '${module}'
    const signalled = untilSignalled()
    const staying = setInterval(() => {}, 1000)
    console.log('ready')
    console.log(await signalled)
    setTimeout(() => { console.log('has ended all'); clearInterval(staying) }, 2000)`
  return spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
}

test('a wish to end that comes several times, as from npm and to its process group, is one', async () => {
  const program = startProgram()
  await once(program.stdout, 'readable')
  const ended = once(program, 'exit')
  for (const signal of ['SIGTERM', 'SIGINT'] as const) program.kill(signal)

  expect(await text(program.stdout)).toMatch(/^ready\nSIG(TERM|INT)\nhas ended all\n$/)
  expect(await ended).toEqual([0, null])
})

test('a second wish ends the process at once', async () => {
  const program = startProgram()
  await once(program.stdout, 'readable')
  const ended = once(program, 'exit')
  program.kill('SIGTERM')
  const again = setInterval(() => program.kill('SIGTERM'), 100)

  expect(await ended).toEqual([null, 'SIGTERM'])
  clearInterval(again)
})
