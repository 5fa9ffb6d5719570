import { VesemirError } from '@vesemir/core'

/** Says in words why no answer came from a Chef server. `details.retry` tells whether another try may help. */
export function connectionError(
  error: unknown,
  { serverUrl, timeoutMs }: { serverUrl: string; timeoutMs: number },
): VesemirError {
  const { host, hostname } = new URL(serverUrl)
  const code = codeOf(error)
  const unreachable = (words: string, retry: boolean) =>
    new VesemirError('INVENTORY_UNREACHABLE', `no answer from the Chef server ${serverUrl}: ${words}`, {
      cause: error,
      details: { serverUrl, retry },
    })

  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return unreachable(`the name ${hostname} is not known to DNS`, true)
  if (code === 'ECONNREFUSED') return unreachable(`${host} refuses the connection, so nothing listens there`, true)
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return unreachable(`no route to ${host}`, true)
  if (timeoutCodes.has(code)) return unreachable(`no data from ${host} within ${timeoutMs / 1000} s`, false)
  if (/CERT|SIGNATURE/.test(code)) {
    return unreachable(
      `its TLS certificate is not accepted (${code}); put it, or its CA's, into trusted_certs (knife ssl fetch), or name it in NODE_EXTRA_CA_CERTS`,
      false,
    )
  }
  if (/SSL|TLS/.test(code)) return unreachable(`${host} does not speak TLS as https needs it (${code})`, false)
  if (code === 'HTTPParserError') {
    return new VesemirError('INVENTORY_ANSWER_INVALID', `what listens at ${host} does not speak HTTP`, { cause: error })
  }
  return unreachable(`the connection to ${host} broke${code && ` (${code})`}`, true)
}

const timeoutCodes = new Set([
  'TimeoutError',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
])

/** fetch wraps the reason in a TypeError; some reasons have a name of their own in place of a code. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  if (error.name === 'TimeoutError' || error.name === 'HTTPParserError') return error.name
  if (error.cause instanceof Error) return codeOf(error.cause)
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}
