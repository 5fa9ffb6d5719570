import { VesemirError } from '@vesemir/core'

/**
 * Awaits what is read from several files, variables and commands at once. Everything that is wrong is told, in the
 * order of `reads`: what is told does not depend on which of them answered first.
 * @throws {VesemirError} `CONFIG_INVALID` with each message; any other error as it is
 */
export async function readAll<const Reads extends readonly unknown[]>(
  reads: Reads,
): Promise<{ -readonly [Index in keyof Reads]: Awaited<Reads[Index]> }> {
  const failures = (await Promise.allSettled(reads)).flatMap((read) =>
    read.status === 'rejected' ? [read.reason] : [],
  )
  for (const failure of failures)
    if (!(failure instanceof VesemirError && failure.code === 'CONFIG_INVALID')) throw failure
  if (failures.length === 1) throw failures[0]
  if (failures.length > 1) throw new VesemirError('CONFIG_INVALID', failures.map(({ message }) => message).join('; '))
  return (await Promise.all(reads)) as { -readonly [Index in keyof Reads]: Awaited<Reads[Index]> }
}
