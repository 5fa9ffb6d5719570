import type { DeploymentSpec, HostTarget, PlannedRelease } from '@vesemir/contract'
import { isVesemirError, VesemirError } from './errors.ts'
import type { HostAnswer } from './find-behind.ts'
import { isOver } from './is-over.ts'
import type { Changesets } from './ports/changesets.ts'
import type { Clock } from './ports/clock.ts'
import type { RemoteShell } from './ports/remote-shell.ts'
import type { Revealed } from './reveal.ts'

/** What asking hosts takes. */
export interface AskingPorts {
  remoteShell: RemoteShell
  changesets: Changesets
  clock: Pick<Clock, 'sleep'>
}

interface Asking {
  changeset: Revealed<DeploymentSpec['changeset']>
  spec: Pick<DeploymentSpec, 'changeset'>
  release: PlannedRelease
}

const hostsAtOnce = 20
/** How long a host may take to say what it runs. */
const hostTimeoutMs = 10_000

/** Asks hosts which release is current on each; returns their answers in order. One that cannot be asked fails none of the others. */
export async function askReleases(
  hosts: readonly HostTarget[],
  asking: Asking,
  ports: AskingPorts,
  signal: AbortSignal,
): Promise<HostAnswer[]> {
  const answers: HostAnswer[] = []
  const turns = hosts.entries()
  const takeTurns = async () => {
    for (const [index, host] of turns) answers[index] = await askHost(host, asking, ports, signal)
  }
  await Promise.all(Array.from({ length: hostsAtOnce }, takeTurns))
  return answers
}

async function askHost(
  host: HostTarget,
  { changeset, spec, release }: Asking,
  { remoteShell, changesets, clock }: AskingPorts,
  signal: AbortSignal,
): Promise<HostAnswer> {
  const over = new AbortController()
  const limit = new AbortController()
  const tooLong = new VesemirError('COMMAND_TIMED_OUT', `${host.name} did not say what it runs within 10s`)
  void clock.sleep(hostTimeoutMs, over.signal).then(
    () => limit.abort(tooLong),
    () => {},
  )
  const within = AbortSignal.any([signal, limit.signal])
  try {
    await using session = await remoteShell.connect(host, within)
    const context = { changeset, session, env: {}, onLine: () => undefined, signal: within, previous: undefined }
    const { current, isSilent } = await changesets(spec.changeset).inspect(release, context)
    return { ...(current === undefined ? {} : { current }), ...(isSilent ? { isSilent } : {}) }
  } catch (error) {
    if (signal.aborted) throw error
    if (limit.signal.aborted) return { unasked: tooLong.message }
    if (!isVesemirError(error)) throw error
    return { unasked: error.message }
  } finally {
    over.abort(isOver)
  }
}
