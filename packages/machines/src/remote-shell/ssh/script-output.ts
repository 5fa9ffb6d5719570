import type { LogLine } from '@vesemir/contract'
import { createOutput, type Output, type OutputOptions } from './output.ts'
import { createProofReader, type ScriptProof } from './script-proof.ts'

/** What a script printed, without what the login shell printed before it. */
export interface ScriptOutput extends Output {
  /** What the login shell printed on standard output: the script's output begins after it. */
  readonly greeting: Pick<Output, 'lastLines'>
  hasBegun(): boolean
  /** The exit status of the script; nothing unless it was run to its end. */
  status(): number | undefined
  /** Where standard error was seen to end, for a script that ends it: on its own stream, or among standard output. */
  errorsEnded(): 'apart' | 'among' | undefined
}

/** Creates a `ScriptOutput` that passes the script's lines on. Standard error is passed on from the beginning. */
export function createScriptOutput(proof: ScriptProof, options: OutputOptions): ScriptOutput {
  const output = createOutput(options)
  const greeting = createOutput({ masker: options.masker })
  const reader = createProofReader(proof, {
    before: (chunk) => greeting.take('stdout', chunk),
    since: (chunk) => output.take('stdout', chunk),
  })
  const takeError = (chunk: Buffer) => output.take('stderr', chunk)
  const errorReader = createProofReader(proof, { before: takeError, since: takeError }, 'running')
  return {
    ...output,
    greeting,
    hasBegun: () => reader.hasBegun(),
    status: () => reader.status(),
    errorsEnded() {
      if (errorReader.hasEndedErrors()) return 'apart'
      return reader.hasEndedErrors() ? 'among' : undefined
    },
    take: (stream: LogLine['stream'], chunk: Buffer) => (stream === 'stdout' ? reader : errorReader).take(chunk),
    end() {
      reader.end()
      errorReader.end()
      greeting.end()
      output.end()
    },
  }
}
