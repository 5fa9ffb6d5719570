import { CommanderError } from 'commander'
import { createProgram, isCommand } from './program.ts'

/** Runs the command that the process was started with. */
export async function runCommandLine(version: string): Promise<void> {
  // A reader that has gone, such as head, has seen enough: end as a program does that SIGPIPE killed.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 141 : 1))
  // Most often a command comes first, and then no other can be meant.
  const [, , first = ''] = process.argv
  try {
    await createProgram(version, isCommand(first) ? first : undefined).parseAsync()
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    process.exitCode = error.exitCode === 0 ? 0 : 2
  }
  // All is written then. By itself Node.js would give back its memory piece by piece, for a tenth of what a short command costs.
  process.once('beforeExit', () => process.exit())
}
