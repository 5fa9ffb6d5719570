import type { LogLine } from '@vesemir/contract'
import type { OnLine } from '@vesemir/core'
import type { Masker } from '@vesemir/process/masking'
import { createLineReader } from './line-reader.ts'
import { createTail } from './tail.ts'

const stdoutBytes = 64 * 1024
const keptLines = 10

/** What a command has printed: every line passed on as it comes, the end of it kept. */
export interface Output {
  /** Gives a promise when whoever gets the lines asks to be waited for. */
  take(stream: LogLine['stream'], chunk: Buffer): Promise<void> | undefined
  /** Passes on a last line that has no end. After it, nothing more is passed on. */
  end(): void
  /** The last 64 KiB of standard output. */
  stdout(): string
  /** The last few lines of both. */
  lastLines(): string[]
  lastErrorLine(): string | undefined
}

export interface OutputOptions {
  onLine?: OnLine | undefined
  /** Takes secrets out of all that is passed on and kept. */
  masker: Masker
}

/** Creates an `Output` that passes its lines to `onLine`. */
export function createOutput({ onLine = () => {}, masker }: OutputOptions): Output {
  const tail = createTail(stdoutBytes)
  const recent: LogLine[] = []
  let lastError: string | undefined
  let patience: Promise<void> | undefined
  let ended = false

  const pass = (stream: LogLine['stream']) => (text: string) => {
    const line: LogLine = { stream, text }
    recent.push(line)
    if (recent.length > keptLines) recent.shift()
    if (stream === 'stderr' && text.trim()) lastError = text.trim()
    const asked: unknown = onLine(line)
    if (asked instanceof Promise) patience = asked
  }
  const masked = { stdout: masker.lines(pass('stdout')), stderr: masker.lines(pass('stderr')) }
  const lines = { stdout: createLineReader(masked.stdout.write), stderr: createLineReader(masked.stderr.write) }

  return {
    take(stream, chunk) {
      if (ended) return undefined
      patience = undefined
      if (stream === 'stdout') tail.write(chunk)
      lines[stream].write(chunk)
      return patience
    },
    end() {
      if (ended) return
      ended = true
      for (const stream of ['stdout', 'stderr'] as const) {
        lines[stream].end()
        masked[stream].end()
      }
    },
    stdout: () => masker.mask(tail.text()),
    lastLines: () => recent.map((line) => line.text),
    lastErrorLine: () => lastError,
  }
}
