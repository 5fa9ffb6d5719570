import { createClient, openSocket, type Client } from '@vesemir/contract'
import { escapeDirectionMarksInJson } from './escape-direction-marks.ts'

let onSignedOut = () => {}

/** Sets what is called when the API no longer accepts the session. */
export function whenSignedOut(callback: () => void): void {
  onSignedOut = callback
}

let sinceAnswer = () => 0

/** Returns how long ago the API answered last, in milliseconds. Each answer renews the session. */
export function sinceAnswerMs(): number {
  return sinceAnswer()
}

/**
 * The API that serves this page. It knows the person by a cookie. Every text that it sends may come from a stranger, such as a
 * reason or a host's output: all that the page shows passes here, and is escaped once.
 */
export const api: Client = createClient({
  url: location.origin,
  async fetch(input, init) {
    const answer = await fetch(input, init)
    const answeredMs = performance.now()
    sinceAnswer = () => performance.now() - answeredMs
    if (answer.status === 401) onSignedOut()
    const { status, headers } = answer
    return { status, headers, text: async () => escapeDirectionMarksInJson(await answer.text()) }
  },
  async *openMessages(address, options) {
    for await (const message of openSocket(address, options)) yield escapeDirectionMarksInJson(message)
  },
})
