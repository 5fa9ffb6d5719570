import { durationMs } from '@vesemir/contract'
import { VesemirError, type RevertContext } from '@vesemir/core'
import { assignments } from './assignments.ts'
import { createHostTalk } from './host-talk.ts'
import { releaseFunctions } from './release-functions.ts'

const script = `${releaseFunctions}\nenter\nrevert\n`

/**
 * Makes the release current that was so before, by the change of one link.
 * @throws {VesemirError} `ROLLBACK_UNAVAILABLE`, and as `RemoteSession.run`
 */
export async function revertRelease(
  { id, directory, timeout }: { id: string; directory: string; timeout: string },
  { session, onLine, signal, previous = '' }: RevertContext,
): Promise<{ note: string }> {
  const talk = createHostTalk(onLine)
  const options = { timeoutMs: durationMs(timeout), signal, onLine: talk.onLine }
  await session.run(assignments({ directory, id, previous }) + script, options)
  const back = talk.said('back')
  if (back !== undefined) return { note: back === '' ? 'nothing was introduced' : `back to ${back}` }
  const { name } = session.target
  const message = `${name} cannot be rolled back: ${talk.said('unavailable') ?? 'it did not say why'}`
  throw new VesemirError('ROLLBACK_UNAVAILABLE', message, { details: { host: name } })
}
