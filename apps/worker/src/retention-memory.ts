import type { Deployment } from '@vesemir/contract'
import type { DeploymentIndex, Deployments, Retention } from '@vesemir/core'
import type { Log } from '@vesemir/process/log'

interface MemoryOptions {
  deployments: Pick<Deployments, 'readBytes'>
  deploymentIndex: Pick<DeploymentIndex, 'walkOldestFirst'>
  clusters: readonly string[]
  retention: Pick<Retention, 'maxBytes'>
  log: Pick<Log, 'error'>
}

/** What deployments take of Redis' memory beyond `maxBytes`. */
interface Memory {
  excessBytes(): number
  /** Counts what a removed deployment took. */
  free(deployment: Deployment): void
}

/** Measures the deployments of this worker's clusters, where they have a bound. A Redis that does not let it ends no round. */
export async function measureMemory(
  { deployments, deploymentIndex, clusters, retention, log }: MemoryOptions,
  signal: AbortSignal,
): Promise<Memory> {
  const { maxBytes = Infinity } = retention
  const bytes = new Map<string, number>()
  let total = 0
  try {
    if (maxBytes < Infinity)
      for await (const { id, spec } of deploymentIndex.walkOldestFirst()) {
        if (signal.aborted) break
        if (!clusters.includes(spec.cluster)) continue
        const size = await deployments.readBytes(id)
        bytes.set(id, size)
        total += size
      }
  } catch (err) {
    log.error({ err }, 'memory of deployments not measured: retention.maxBytes has no effect')
    total = 0
  }
  return {
    excessBytes: () => Math.max(0, total - maxBytes),
    free: ({ id }) => void (total -= bytes.get(id) ?? 0),
  }
}
