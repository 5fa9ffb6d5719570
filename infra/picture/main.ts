import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { drawScreens, type Screen } from './draw-screens.ts'

// Records `npm run demo -- --once` for README.md, at double speed: `node infra/picture/main.ts`. It needs tmux, which knows at any moment what
// stands on the terminal.

const columns = 112
const rows = 32
/** From one look at the terminal to the next; each is shown for half as long. */
const sampleMs = 700
const shownMs = sampleMs / 2
const lastScreenMs = 6000
const root = join(import.meta.dirname, '../..')
const file = join(root, 'docs/demo.svg')
const run = promisify(execFile)
const tmux = async (...args: string[]) => (await run('tmux', ['-L', `vesemir-picture-${process.pid}`, ...args])).stdout

// The shell stays, so that the last screen can be read; the prompt is what a reader would have typed.
const script = `printf '\\033[2m$\\033[0m \\033[1mnpm run demo -- --once\\033[0m\\n\\n'; node infra/demo/main.ts --once; echo DONE; cat`
await tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), '-c', root, 'sh', '-c', script)
try {
  await writeFile(file, drawScreens(await record(), { columns, rows }))
  console.log(`drawn: ${file}`)
} finally {
  await tmux('kill-server')
}

async function record(): Promise<Screen[]> {
  const screens: Screen[] = []
  for (;;) {
    const text = await tmux('capture-pane', '-e', '-p')
    const isDone = text.includes('DONE')
    const shown = text
      .split('\n')
      .filter((line) => !line.includes('DONE'))
      .join('\n')
    const last = screens.at(-1)
    if (last?.text === shown) last.durationMs += shownMs
    else screens.push({ text: shown, durationMs: shownMs })
    if (isDone) {
      screens.at(-1)!.durationMs = lastScreenMs
      return screens
    }
    await setTimeout(sampleMs)
  }
}
