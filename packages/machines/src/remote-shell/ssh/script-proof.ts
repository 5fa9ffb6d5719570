import { randomBytes } from 'node:crypto'

/**
 * What shows that a script was run by the shell that it was sent to. That shell prints a random word right before the script,
 * and the word with the exit status right after it, on standard output. In the commands the word is in halves: what prints
 * back what it was sent, as `ForceCommand echo` does, does not print it.
 */
export interface ScriptProof {
  word: Buffer
  /** The command that prints the word. */
  begin: string
  /** The command that prints the word and the shell's first argument, which is the script's exit status. */
  end: string
  /** The command that ends standard error: by the word, too. */
  endErrors: string
}

/** Creates the proof of one run. */
export function createProof(): ScriptProof {
  const [first, second] = [randomBytes(8).toString('hex'), randomBytes(8).toString('hex')]
  return {
    word: Buffer.from(`${first}${second}`),
    begin: `printf %s%s ${first} ${second}`,
    end: `printf %s%s:%s: ${first} ${second} $1`,
    endErrors: `printf %s%s:e: ${first} ${second}`,
  }
}

type Take = (chunk: Buffer) => Promise<void> | undefined

/** Reads standard output, and takes the proof out of it. */
export interface ProofReader {
  /** Gives a promise when whoever gets the output asks to be waited for. */
  take: Take
  /** Passes on what could have been the beginning of the word, and was not. */
  end(): void
  /** Whether the script was begun. */
  hasBegun(): boolean
  /** The exit status of the script; nothing unless it was run to its end. */
  status(): number | undefined
  /** Whether standard error was ended on this stream. */
  hasEndedErrors(): boolean
}

/** Creates a reader that passes on what comes before the script is begun, and what comes from then on. Standard error has no beginning. */
export function createProofReader(
  { word }: ScriptProof,
  pass: { before: Take; since: Take },
  state: 'before' | 'running' | 'after' = 'before',
): ProofReader {
  let held: Buffer = Buffer.alloc(0)
  let status: number | undefined
  let hasEndedErrors = false

  function read(bytes: Buffer): (Promise<void> | undefined)[] {
    const take = state === 'before' ? pass.before : pass.since
    if (state === 'after') return passed(bytes, take)
    const at = bytes.indexOf(word)
    if (at === -1) {
      const plainBytes = bytes.length - beginningBytes(bytes, word)
      held = bytes.subarray(plainBytes)
      return passed(bytes.subarray(0, plainBytes), take)
    }
    const waits = passed(bytes.subarray(0, at), take)
    if (state === 'before') {
      state = 'running'
      return [...waits, ...read(bytes.subarray(at + word.length))]
    }
    const [whole, told] = /^:(\d+|e):/.exec(bytes.toString('latin1', at + word.length, at + word.length + 5)) ?? []
    if (whole === undefined) {
      held = bytes.subarray(at)
      return waits
    }
    if (told === 'e') hasEndedErrors = true
    else {
      status = Number(told)
      state = 'after'
    }
    return [...waits, ...read(bytes.subarray(at + word.length + whole.length))]
  }

  return {
    take(chunk) {
      const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk])
      held = Buffer.alloc(0)
      const waits = read(bytes).filter((wait) => wait !== undefined)
      return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined)
    },
    end() {
      void passed(held, state === 'before' ? pass.before : pass.since)
      held = Buffer.alloc(0)
    },
    hasBegun: () => state !== 'before',
    status: () => status,
    hasEndedErrors: () => hasEndedErrors,
  }
}

function passed(bytes: Buffer, take: Take): (Promise<void> | undefined)[] {
  return bytes.length === 0 ? [] : [take(bytes)]
}

/** How many of the last bytes may be the beginning of the word. */
function beginningBytes(bytes: Buffer, word: Buffer): number {
  const last = bytes.subarray(Math.max(0, bytes.length - word.length + 1))
  for (let at = last.indexOf(word[0]!); at !== -1; at = last.indexOf(word[0]!, at + 1))
    if (word.subarray(0, last.length - at).equals(last.subarray(at))) return last.length - at
  return 0
}
