import type { StepName } from '@vesemir/contract'
import type { Mark, RemoteSession, RunOptions } from '@vesemir/core'
import { shellQuote } from '../remote-shell/index.ts'

interface CarrierOptions {
  session: RemoteSession
  /** The file's path as a word of a script. */
  file: string
  /** Returns the text that the file holds. */
  write: (mark: Mark) => string
}

/** How long a host may take to write or remove a mark. */
const timeoutMs = 30_000

/** What the script says once the mark is written. */
const writtenLine = 'vesemir: marked'

/** Has scripts of a session write the mark that was put last, before they do anything. */
export class MarkCarrier {
  readonly #options: CarrierOptions
  /** What was put last, and what of it no script has carried yet. */
  #last: Mark | undefined
  #next: Mark | undefined
  #isOnHost = false
  readonly #carrying = new Set<Promise<unknown>>()

  constructor(options: CarrierOptions) {
    this.#options = options
  }

  get isWaiting(): boolean {
    return this.#next !== undefined
  }

  put(mark: Mark): void {
    this.#last = this.#next = mark
  }

  note(step: StepName): void {
    if (this.#last) this.put({ ...this.#last, step })
  }

  async run(script: string, options: RunOptions): Promise<{ stdout: string }> {
    const { session, file, write } = this.#options
    const mark = this.#next
    if (!mark) return session.run(script, options)
    this.#next = undefined
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    this.#carrying.add(ended)
    let isWritten = false
    const onLine: RunOptions['onLine'] = (line) => {
      if (line.text !== writtenLine) return options.onLine?.(line)
      isWritten = this.#isOnHost = true
      end()
      return undefined
    }
    try {
      const { stdout } = await session.run(writeScript(file, write(mark)) + script, { ...options, onLine })
      return { stdout: stdout.replace(`${writtenLine}\n`, '') }
    } finally {
      if (!isWritten) this.#next ??= mark
      end()
      this.#carrying.delete(ended)
    }
  }

  async written(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#carrying)
    if (!this.#isOnHost) await this.run(':', { timeoutMs, signal })
  }

  async clear(): Promise<void> {
    const { session, file } = this.#options
    const wasPut = this.#last !== undefined
    this.#last = this.#next = undefined
    // It may be there by an earlier attempt. Emptied rather than removed, which would start a process.
    if (wasPut) await session.run(`: > ${file}`, { timeoutMs }).catch(() => {})
  }
}

/** A mark appears at once and whole: what reads it finds the one before or this one. */
function writeScript(file: string, text: string): string {
  return `(mkdir -p "$(dirname ${file})" && printf '%s\\n' ${shellQuote(text)} > ${file}.new && mv -f ${file}.new ${file}) || true
echo '${writtenLine}'
`
}
