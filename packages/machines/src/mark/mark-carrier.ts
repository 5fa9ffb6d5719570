import type { StepName } from '@vesemir/contract'
import type { Mark, RemoteSession, RunOptions } from '@vesemir/core'
import { shellQuote } from '../remote-shell/index.ts'

/** A file and its folder, as words of a script. */
export interface MarkFile {
  folder: string
  file: string
}

interface CarrierOptions {
  session: RemoteSession
  /** Where the mark is, as words of a script. */
  at: MarkFile
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
  /** The script that notes the step which the mark on the host does not show yet. */
  #note = ''
  #isOnHost = false
  readonly #carrying = new Set<Promise<unknown>>()

  constructor(options: CarrierOptions) {
    this.#options = options
  }

  get isWaiting(): boolean {
    return this.#next !== undefined || this.#note !== ''
  }

  put(mark: Mark): void {
    this.#last = this.#next = mark
  }

  note(step: StepName): void {
    if (this.#next) this.#next = { ...this.#next, step }
    else if (this.#last) this.#note = noteScript(this.#options.at, step)
  }

  async run(script: string, options: RunOptions): Promise<{ stdout: string }> {
    const { session, at, write } = this.#options
    const mark = this.#next
    const note = this.#note
    this.#note = ''
    if (!mark) return session.run(note + script, options)
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
      const { stdout } = await session.run(writeScript(at, write(mark)) + script, { ...options, onLine })
      return { stdout: stdout.replace(`${writtenLine}\n`, '') }
    } finally {
      if (!isWritten) this.#next ??= mark
      end()
      this.#carrying.delete(ended)
    }
  }

  async written(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#carrying)
    if (!this.#isOnHost) await this.run(':', { name: 'write mark', isOwn: true, timeoutMs, signal })
  }

  async clear(): Promise<void> {
    const { session, at } = this.#options
    const wasPut = this.#last !== undefined
    this.#last = this.#next = undefined
    this.#note = ''
    // It may be there by an earlier attempt. Emptied rather than removed: else the host would start a process to remove it.
    if (wasPut) await session.run(`: > ${at.file}`, { name: 'clear mark', isOwn: true, timeoutMs }).catch(() => {})
  }
}

/**
 * Where a mark was, another takes its place at once and whole. Where none was, half a one is none either: then no process is started
 * to put it there.
 */
function writeScript({ folder, file }: MarkFile, text: string): string {
  return `[ -d ${folder} ] || mkdir -p ${folder} || true
write_mark() { printf '%s\n' ${shellQuote(text)} > "$1"; }
{ if [ -s ${file} ] || [ -L ${file} ]; then write_mark ${file}.new && mv -f ${file}.new ${file}; else write_mark ${file}; fi; } || true
unset -f write_mark
echo '${writtenLine}'
`
}

/** A step is a line behind the mark: it costs no process, and nothing follows from it but what people read. */
function noteScript({ file }: MarkFile, step: StepName): string {
  return `{ printf '%s\n' '${stepStart}${step}' >> ${file}; } 2> /dev/null || true\n`
}

/** What a line behind a mark begins with that says which step came later. */
export const stepStart = 'step '
