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
}

/** Creates a `ScriptOutput` that passes the script's lines on. Standard error is passed on from the beginning. */
export function createScriptOutput(proof: ScriptProof, options: OutputOptions): ScriptOutput {
  const output = createOutput(options)
  const greeting = createOutput({ masker: options.masker })
  const reader = createProofReader(proof, {
    before: (chunk) => greeting.take('stdout', chunk),
    since: (chunk) => output.take('stdout', chunk),
  })
  return {
    ...output,
    greeting,
    hasBegun: () => reader.hasBegun(),
    status: () => reader.status(),
    take: (stream: LogLine['stream'], chunk: Buffer) =>
      stream === 'stdout' ? reader.take(chunk) : output.take(stream, chunk),
    end() {
      reader.end()
      greeting.end()
      output.end()
    },
  }
}
