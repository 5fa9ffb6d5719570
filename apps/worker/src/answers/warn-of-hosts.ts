import type { DeploymentSpec, PlannedRelease, PlannedHost } from '@vesemir/contract'
import { isVesemirError } from '@vesemir/core'
import { TimeUp, withinTime } from '@vesemir/process/waiting'
import { inTurns } from './in-turns.ts'
import { tryHost, type TryHostPorts } from './try-host.ts'

/** How long all hosts of a plan may take together: an answer is waited for 25 s, and the plan itself comes first. */
const timeoutMs = 10_000

/** What a plan says of its hosts. */
interface Planned {
  hosts: readonly PlannedHost[]
  release: PlannedRelease
}

/** Tries the hosts of a plan; returns what they lack, a sentence for each that would fail before its drain. Changes nothing. */
export async function warnOfHosts(
  { hosts, release }: Planned,
  { spec, ...ports }: TryHostPorts & { spec: DeploymentSpec },
  signal: AbortSignal,
): Promise<string[]> {
  const untried = new Set(hosts.map(({ target }) => target.name))
  const warnings: string[] = []
  try {
    await withinTime({ timeoutMs, signal }, (signal) =>
      inTurns(hosts, async ({ target }) => {
        const lack = await tryHost(target, { spec, release, ...ports }, signal).then(() => undefined, wordsOf)
        if (signal.aborted) return
        untried.delete(target.name)
        if (lack !== undefined) warnings.push(lack)
      }),
    )
  } catch (error) {
    if (!(error instanceof TimeUp)) throw error
    warnings.push(`not tried within ${timeoutMs / 1000} s: ${[...untried].join(', ')}`)
  }
  return warnings
}

/** @throws what is no fault of the host */
function wordsOf(error: unknown): string {
  if (!isVesemirError(error)) throw error
  return error.message
}
