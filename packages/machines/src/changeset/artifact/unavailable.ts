import { VesemirError } from '@vesemir/core'

/** Tells an artifact's address without what may be secret in it: query, user name and password. */
export function nameOf(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}

/** Builds the error of an artifact that cannot be had; `what` goes on from its address. */
export function unavailable(url: string, what: string, cause?: unknown): VesemirError {
  return new VesemirError('ARTIFACT_UNAVAILABLE', `${nameOf(url)} ${what}`, { cause, details: { url: nameOf(url) } })
}

/** Builds the error of an artifact server that does not serve; `what` goes on from its name. */
export function serverFailed(url: string, what: string, cause?: unknown): VesemirError {
  const message = `the artifact server ${new URL(url).host} ${what}: ${nameOf(url)}`
  return new VesemirError('ARTIFACT_SERVER_FAILED', message, { cause, details: { url: nameOf(url) } })
}

/** Builds the error of an artifact that is larger than the worker takes. */
export function tooLarge(url: string, maxBytes: number): VesemirError {
  return new VesemirError('ARTIFACT_TOO_LARGE', `${nameOf(url)} has more than ${maxBytes} bytes`)
}
