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
  /** Whether the script was run to its end, and all that it printed has come: for a shell that proves that on both streams. */
  isComplete(): boolean
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
  const errorReader = createProofReader(proof, { before: takeError, since: takeError })
  return {
    ...output,
    greeting,
    hasBegun: () => reader.hasBegun(),
    status: () => reader.status(),
    isComplete: () => reader.status() !== undefined && errorReader.status() !== undefined,
    take: (stream: LogLine['stream'], chunk: Buffer) => (stream === 'stdout' ? reader : errorReader).take(chunk),
    end() {
      reader.end()
      errorReader.end()
      greeting.end()
      output.end()
    },
  }
}
