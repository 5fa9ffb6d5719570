import { VesemirError } from '@vesemir/core'

/** Builds the error of a commit of which a part cannot be had; `what` continues the sentence. */
export function incomplete(
  { repository, commit }: { repository: string; commit: string },
  what: string,
  cause?: unknown,
): VesemirError {
  return new VesemirError('REPOSITORY_INCOMPLETE', `${repository} at ${commit} ${what}`, {
    cause,
    details: { repository },
  })
}
