import { probeOf } from './ask-application.ts'
import { inParallel } from './in-parallel.ts'
import { runConcurrently, type ConcurrentTask } from './run-concurrently.ts'
import type { ConnectedWalk, Staging } from './walk.ts'

/** How long a host may take to run a script that does nothing, and to be asked: what takes longer is not waited for. */
const scriptTimeoutMs = 30_000
const probeTimeoutMs = 5000

/**
 * Begins to make sure that the host has what later steps need of it: that it runs scripts, that its service can be restarted, and
 * that it can be asked from the host itself. That goes on beside the guard; the drain waits for it, so that what is missing takes no host out of rotation.
 * Where a release is on its way already, its first words prove the scripts; a hook before the drain does, too.
 */
export function proveAhead(walk: ConnectedWalk, staging: Staging | undefined): ConcurrentTask<unknown> {
  const { remote, spec, ports, waits } = walk
  return runConcurrently(async (signal) => {
    const probe = probeOf(walk)
    const isProvenByHook = spec.hooks.beforeDrain.length > 0
    await inParallel(
      () => staging?.accepted ?? (isProvenByHook || remote.proveScripts({ timeoutMs: scriptTimeoutMs, signal })),
      () => probe && remote.proveProbes(probe, { timeoutMs: probeTimeoutMs, signal }),
      () => ports.serviceManagers(spec.service).prove(spec.service, { session: remote, signal }),
    )
  }, staging?.orFailed ?? waits)
}
