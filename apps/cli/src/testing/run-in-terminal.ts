import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import xterm from '@xterm/headless'

export interface TerminalOptions {
  url?: string
  home?: string
  columns?: number
  rows?: number
  env?: Record<string, string>
}

export interface TerminalRun {
  /** What the terminal shows, with what has scrolled by above it. */
  screen: () => string[]
  /** All that was written to the terminal, as it was. */
  written: () => string
  /** Waits until the screen shows this. Fails when the program ends before. */
  shows: (text: string) => Promise<void>
  type: (keys: string) => void
  exit: Promise<number | null>
}

const main = join(import.meta.dirname, '../main.ts')

/**
 * Runs `vesemir` in a real pseudo-terminal, of util-linux's `script`, whose output a terminal emulator draws: what a test
 * sees is what a person would.
 */
export function runInTerminal(args: readonly string[], options: TerminalOptions = {}): TerminalRun {
  const { url, home = '/nonexistent', columns = 100, rows = 30, env } = options
  const command = [process.execPath, main, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  const child = spawn('script', ['-qefc', `stty cols ${columns} rows ${rows}; exec ${command}`, '/dev/null'], {
    env: {
      PATH: process.env.PATH,
      HOME: home,
      TERM: 'xterm-256color',
      TZ: 'UTC',
      NODE_COMPILE_CACHE: join(tmpdir(), 'vesemir-compile-cache'),
      ...(url === undefined ? {} : { VESEMIR_URL: url }),
      ...env,
    },
  })
  const emulator = new xterm.Terminal({ cols: columns, rows, scrollback: 1000, allowProposedApi: true })
  let written = ''
  const drawn = new EventTarget()
  child.stdout.on('data', (chunk: Buffer) => {
    written += chunk
    emulator.write(chunk, () => drawn.dispatchEvent(new Event('drawn')))
  })
  const exit = once(child, 'close').then(([code]) => code as number | null)
  const run: TerminalRun = {
    screen: () => linesOf(emulator),
    written: () => written,
    async shows(text) {
      while (!linesOf(emulator).join('\n').includes(text)) {
        const next = new Promise((resolve) => drawn.addEventListener('drawn', () => resolve('drawn'), { once: true }))
        if ((await Promise.race([next, exit])) === 'drawn') continue
        throw new Error(`it ended and never showed ${text}, but:\n${linesOf(emulator).join('\n')}`)
      }
    },
    type: (keys) => void child.stdin.write(keys),
    // What was written last is drawn when it has ended.
    exit: exit.then((code) => new Promise((resolve) => emulator.write('', () => resolve(code)))),
  }
  return run
}

function linesOf({ buffer: { active } }: xterm.Terminal): string[] {
  const lines = Array.from({ length: active.length }, (_, row) => active.getLine(row)!.translateToString(true))
  return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1)
}
