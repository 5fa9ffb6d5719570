import { askApplication } from './ask-application.ts'
import { isVesemirError, VesemirError } from './errors.ts'
import type { InspectContext, Inspection } from './ports/changesets.ts'
import { act, commandEnv, isVersionProven, logLine, revealed, type ConnectedWalk } from './walk.ts'

/**
 * Makes sure, before anything is done to a host, that the way back leads where it should: the host runs what this deployment
 * put there, or what was there before.
 * @throws {VesemirError} `RELEASE_CHANGED`, `ROLLBACK_UNAVAILABLE`
 */
export async function checkRollback(walk: ConnectedWalk): Promise<void> {
  const { claim, target } = walk
  const { current, unavailable } = await inspect(walk)
  if (current !== undefined) await claim.append({ type: 'release.seen', host: target.name, release: current })
  const ours = claim.deployment.plan!.release.id
  const previous = claim.host.release?.previous
  if (current !== undefined && previous !== undefined && current !== ours && current !== previous) {
    const message = `${target.name} runs ${current}, which is neither ${ours} nor ${previous}`
    throw new VesemirError('RELEASE_CHANGED', message, { details: { host: target.name, current } })
  }
  if (unavailable !== undefined)
    throw new VesemirError('ROLLBACK_UNAVAILABLE', `${target.name} cannot be rolled back: ${unavailable}`)
}

/** Notes what the host runs right before its changeset begins, where the release has been staged and the host has said it. */
export async function noteCurrent({ claim, staging, target }: ConnectedWalk): Promise<void> {
  const staged = await staging?.done
  if (staged?.current !== undefined) claim.defer({ type: 'release.seen', host: target.name, release: staged.current })
}

/** Asks a host that is walked no further what it runs, and notes the answer. A host that cannot be asked has said nothing. */
export function askWhatRuns(walk: ConnectedWalk): Promise<void> {
  return noteAnswer(walk, async () => (await inspect(walk)).current)
}

/**
 * As `askWhatRuns`, of a host that someone else may have changed. A walk that ended before its restart has left this release in
 * place and the one before running: what the application does not answer with is not noted.
 */
export function askWhatServes(walk: ConnectedWalk): Promise<void> {
  return noteAnswer(walk, async () => {
    const { current } = await inspect(walk)
    if (current !== walk.claim.deployment.plan!.release.id || !isVersionProven(walk)) return current
    const fault = await askApplication(walk)
    return fault?.isOtherVersion ? undefined : current
  })
}

async function noteAnswer(walk: ConnectedWalk, ask: () => Promise<string | undefined>): Promise<void> {
  const { claim, target, ports, signal } = walk
  try {
    const current = await ask()
    if (current !== undefined) await claim.append({ type: 'release.seen', host: target.name, release: current })
  } catch (error) {
    if (signal.aborted || isVesemirError(error, 'FENCE_LOST')) throw error
    if (!isVesemirError(error)) ports.onBug(error, { deployment: claim.deployment.id, host: target.name })
  }
}

async function inspect(walk: ConnectedWalk): Promise<Inspection> {
  const { spec, remote, claim, ports, signal } = walk
  const context: InspectContext = {
    changeset: await revealed(walk, spec.changeset),
    session: remote,
    env: commandEnv(walk),
    onLine: logLine(walk),
    signal,
    previous: claim.host.release?.previous,
  }
  return act(walk, () => ports.changesets(spec.changeset).inspect(claim.deployment.plan!.release, context))
}
