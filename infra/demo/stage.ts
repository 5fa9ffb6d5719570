import type { WriteStream } from 'node:tty'
import { styleText } from 'node:util'

type Format = Parameters<typeof styleText>[0]

/** Where a demo speaks: plain where it is no terminal. */
export interface Stage {
  say: (line?: string) => void
  /** Does something that takes a moment and says what it was, in the words of `describe`, and how long it took. */
  step: <Result>(what: string, task: () => Promise<Result>, describe: (result: Result) => string) => Promise<Result>
  paint: (format: Format, text: string) => string
}

const nameWidth = 11

export function createStage(out: WriteStream): Stage {
  const paint = (format: Format, text: string) => styleText(format, text, { stream: out })
  const say = (line = '') => void out.write(`${line}\n`)
  return {
    say,
    paint,
    async step(what, task, describe) {
      const startedMs = performance.now()
      const name = what.padEnd(nameWidth)
      if (out.isTTY) out.write(`  ${paint('cyan', '…')} ${name}`)
      try {
        const result = await task()
        const took = `${((performance.now() - startedMs) / 1000).toFixed(1)}s`
        clearLine(out)
        say(`  ${paint('green', '✓')} ${paint('bold', name)} ${describe(result)}  ${paint('dim', took)}`)
        return result
      } catch (error) {
        clearLine(out)
        say(`  ${paint('red', '✗')} ${paint('bold', name)}`)
        throw error
      }
    },
  }
}

function clearLine(out: WriteStream): void {
  if (out.isTTY) out.write('\r\u001b[2K')
}
