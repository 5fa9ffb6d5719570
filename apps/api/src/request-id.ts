import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { RequestId, Traceparent } from '@vesemir/contract'

/** What names a request, in the caller's headers and in those of the answer. */
export const requestIdHeader = 'x-request-id'

type Headed = Pick<IncomingMessage, 'headers'>

/** Returns the id of a request: the caller's `x-request-id`, else the trace of its `traceparent`, else one that the API makes. */
export function requestIdOf(request: Headed): string {
  const given = RequestId.safeParse(request.headers[requestIdHeader])
  if (given.success) return given.data
  const [, trace] = traceparentOf(request)?.split('-') ?? []
  return trace ?? randomUUID()
}

/** Returns the W3C trace context of the caller; undefined where it names none that is valid. */
export function traceparentOf({ headers }: Headed): string | undefined {
  return Traceparent.safeParse(headers.traceparent).data
}
