import type { ServerState } from '@vesemir/contract'
import { VesemirError } from './errors.ts'
import { poll, type PollOptions } from './poll.ts'
import { describeServer } from './servers.ts'

interface ProofOptions extends PollOptions {
  /** Called at each look that finds a server unproven. */
  onUnproven?: (server: ServerState) => Promise<void>
}

/**
 * Waits until the checks of the boxes have proven servers, which `read` returns in the same order each time. A check that
 * passes starts the timeout again: `rise` checks may take longer than it.
 * @throws {VesemirError} `SERVER_UNHEALTHY`
 */
export async function untilProven(
  read: () => Promise<readonly ServerState[]>,
  { onUnproven, ...options }: ProofOptions,
): Promise<void> {
  const best: number[] = []
  let unproven: ServerState | undefined
  const look = async () => {
    const servers = await read()
    unproven = servers.find(isUnproven)
    if (!unproven) return 'proven'
    await onUnproven?.(unproven)
    const passed = servers.map(countPassed)
    const isFurther = passed.some((count, index) => count > (best[index] ?? 0))
    for (const [index, count] of passed.entries()) best[index] = Math.max(count, best[index] ?? 0)
    return isFurther ? 'further' : undefined
  }
  for (;;) {
    const end = await poll(look, options)
    if (end === 'proven') return
    if (!end) throw new VesemirError('SERVER_UNHEALTHY', describeFailure(unproven!, options.timeoutMs))
  }
}

/** Describes how far a box is in proving a server: `lb-1 app/web-1 is down, 2 of 3 checks passed`. */
export function describeProof(server: ServerState): string {
  const { health, proof } = server
  const state = `${describeServer(server)} is ${health}`
  return proof ? `${state}, ${proof.passed} of ${proof.needed} checks passed` : state
}

function isUnproven({ checked, health }: ServerState): boolean {
  return checked && health !== 'up' && health !== 'starting'
}

function countPassed(server: ServerState): number {
  return isUnproven(server) ? (server.proof?.passed ?? 0) : Infinity
}

/** Says whether the last check failed, or none has ended: the box checks less often than the timeout allows for. */
function describeFailure(server: ServerState, timeoutMs: number): string {
  const { proof } = server
  const state = `the load balancer's own check did not pass in time: ${describeProof(server)}`
  if (!proof) return state
  if (!isPassed(proof.lastCheck)) return `${state}; its last check ended with ${proof.lastCheck}`
  return `${state}, and no further check ended within ${timeoutMs / 1000} s: raise loadBalancer.healthyTimeout above the check's inter`
}

/** Whether a check has passed, or none has ended since the load balancer started. */
function isPassed(lastCheck: string): boolean {
  return /^(?:L\dOKC?\b|PROCOK\b|INI\b|UNK\b|$)/.test(lastCheck)
}
