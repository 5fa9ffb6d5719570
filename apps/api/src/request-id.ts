import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { RequestId } from '@vesemir/contract'

/** What names a request, in the caller's headers and in those of the answer. */
export const requestIdHeader = 'x-request-id'

/** W3C Trace Context, 3.2: version, trace, the caller's span, flags. */
const traceparent = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/

/** Returns the id of a request: the caller's `x-request-id`, else the trace of its `traceparent`, else one that the API makes. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = RequestId.safeParse(headers[requestIdHeader])
  if (given.success) return given.data
  const [, trace] = traceparent.exec(String(headers.traceparent)) ?? []
  return trace ?? randomUUID()
}
