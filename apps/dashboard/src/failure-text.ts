import type { Failure } from '@vesemir/contract'
import { describeFailure, fillHint, type HintNames } from '@vesemir/words'

/**
 * Returns a failure as text for a ticket or a chat: deployment and host, sentence and code, what to do with the commands for it, and the end
 * of the service's own log.
 */
export function failureText(failure: Failure, names: HintNames & { id: string }): string {
  const { id, host } = names
  const { hint, log } = failure
  return [
    `${host === undefined ? id : `${id} ${host}`}: ${describeFailure(failure)}`,
    ...(hint === undefined ? [] : [`What to do: ${fillHint(hint, names)}`]),
    ...(log ? ["End of the service's log:", ...log] : []),
    '',
  ].join('\n')
}
