import type { HostTarget } from '@vesemir/contract'
import { VesemirError, type ErrorCode } from '@vesemir/core'

/** How a connection can fail before anyone is logged in. */
export type ReachCode = Extract<
  ErrorCode,
  'SSH_NAME_UNKNOWN' | 'SSH_REFUSED' | 'SSH_TIMED_OUT' | 'SSH_UNREACHABLE' | 'SSH_CHANNEL_REFUSED'
>

/** Builds the error of a machine that could not be reached; `what` goes on from its name: "web-1 (10.0.0.1:22) …". */
export function unreachable(
  target: HostTarget,
  what: string,
  { code = 'SSH_UNREACHABLE', cause, details }: { code?: ReachCode; cause?: unknown; details?: object } = {},
): VesemirError {
  const { name, address, port } = target
  return new VesemirError(code, `${name} (${address}:${port}) ${what}`, { cause, details: { ...details, host: name } })
}
