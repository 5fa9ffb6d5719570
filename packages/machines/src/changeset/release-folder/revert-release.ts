import { durationMs } from '@vesemir/contract'
import { VesemirError, type InspectContext, type Inspection } from '@vesemir/core'
import { assignments } from './assignments.ts'
import { createHostMessages, messageOf, type HostMessages } from './host-messages.ts'
import { inspectScript, revertScript } from './scripts.ts'

interface ReleaseOnHost {
  id: string
  directory: string
  timeout: string
}

/** Asks a host which release is current, and whether the way back is open; changes nothing. Throws as `RemoteSession.run`. */
export async function inspectRelease(release: ReleaseOnHost, context: InspectContext): Promise<Inspection> {
  const talk = await run(inspectScript, { release, context })
  return { ...messageOf(talk, 'current'), ...messageOf(talk, 'unavailable') }
}

/**
 * Makes the release current that was so before, by the change of one link.
 * @throws {VesemirError} `ROLLBACK_UNAVAILABLE`, and as `RemoteSession.run`
 */
export async function revertRelease(
  release: ReleaseOnHost,
  context: InspectContext,
): Promise<{ note: string; current?: string }> {
  const talk = await run(revertScript, { release, context })
  const current = talk.said('back')
  if (current) return { note: `back to ${current}`, current }
  if (current === '') return { note: 'nothing was introduced' }
  const { name } = context.session.target
  const message = `${name} cannot be rolled back: ${talk.said('unavailable') ?? 'it did not say why'}`
  throw new VesemirError('ROLLBACK_UNAVAILABLE', message, { details: { host: name } })
}

async function run(
  script: string,
  { release, context }: { release: ReleaseOnHost; context: InspectContext },
): Promise<HostMessages> {
  const { id, directory, timeout } = release
  const { session, onLine, signal, previous = '' } = context
  const talk = createHostMessages(onLine)
  const options = { name: 'revert release', isOwn: true, timeoutMs: durationMs(timeout), signal, onLine: talk.onLine }
  await session.run(assignments({ directory, id, previous }) + script, options)
  return talk
}
