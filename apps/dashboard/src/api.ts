import { createClient, type Client } from '@vesemir/contract'

let onSignedOut = () => {}

/** Says what is to be done when the API no longer knows who asks. */
export function whenSignedOut(callback: () => void): void {
  onSignedOut = callback
}

/** The API that serves this page. Whoever looks is known to it by a cookie. */
export const api: Client = createClient({
  url: location.origin,
  async fetch(input, init) {
    const answer = await fetch(input, init)
    if (answer.status === 401) onSignedOut()
    return answer
  },
})
