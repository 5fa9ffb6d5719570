import type { HostTarget } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'

/** Builds the error of a machine that could not be reached; `what` goes on from its name: "web-1 (10.0.0.1:22) …". */
export function unreachable(target: HostTarget, what: string, cause?: unknown): VesemirError {
  const { name, address, port } = target
  return new VesemirError('SSH_UNREACHABLE', `${name} (${address}:${port}) ${what}`, { cause, details: { host: name } })
}
