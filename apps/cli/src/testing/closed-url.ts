import { freePort } from '@vesemir/process/free-port'

/** An address where nothing listens: it was free a moment ago. */
export async function closedUrl(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`
}
