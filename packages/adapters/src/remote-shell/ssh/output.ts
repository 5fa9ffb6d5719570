import type { LogLine } from '@vesemir/contract'
import { createLineReader } from './line-reader.ts'
import { createTail } from './tail.ts'

const stdoutBytes = 64 * 1024
const keptLines = 10

/** What a command has printed: every line passed on as it comes, the end of it kept. */
export interface Output {
  take(stream: LogLine['stream'], chunk: Buffer): void
  /** Passes on a last line that has no end. After it, nothing more is passed on. */
  end(): void
  /** The last 64 KiB of standard output. */
  stdout(): string
  /** The last few lines of both. */
  lastLines(): string[]
  lastErrorLine(): string | undefined
}

/** Creates an `Output` that passes its lines to `onLine`. */
export function createOutput(onLine: (line: LogLine) => void = () => {}): Output {
  const tail = createTail(stdoutBytes)
  const recent: LogLine[] = []
  let lastError: string | undefined
  let ended = false

  const pass = (stream: LogLine['stream']) => (text: string) => {
    const line: LogLine = { stream, text }
    recent.push(line)
    if (recent.length > keptLines) recent.shift()
    if (stream === 'stderr' && text.trim()) lastError = text.trim()
    onLine(line)
  }
  const lines = { stdout: createLineReader(pass('stdout')), stderr: createLineReader(pass('stderr')) }

  return {
    take(stream, chunk) {
      if (ended) return
      if (stream === 'stdout') tail.write(chunk)
      lines[stream].write(chunk)
    },
    end() {
      if (ended) return
      ended = true
      lines.stdout.end()
      lines.stderr.end()
    },
    stdout: () => tail.text(),
    lastLines: () => recent.map((line) => line.text),
    lastErrorLine: () => lastError,
  }
}
