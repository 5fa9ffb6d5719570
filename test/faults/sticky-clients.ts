import { setTimeout } from 'node:timers/promises'

const pauseMs = 50

/** Clients that come back to the server that their cookie names, one request after another, until they are stopped. */
export function startStickyClients({ urls, clients }: { urls: readonly string[]; clients: number }) {
  const stopping = new AbortController()
  const result = { requests: 0, failures: [] as string[] }
  const running = Promise.all(Array.from({ length: clients }, (_, index) => runClient(urls[index % urls.length]!)))

  async function runClient(url: string): Promise<void> {
    let cookie = ''
    while (!stopping.signal.aborted) {
      cookie = await ask(`${url}/slow`, cookie)
      await setTimeout(pauseMs)
    }
  }

  async function ask(url: string, cookie: string): Promise<string> {
    result.requests += 1
    try {
      const answer = await fetch(url, { headers: { cookie }, signal: AbortSignal.timeout(5_000) })
      await answer.text()
      if (!answer.ok) result.failures.push(`status ${answer.status}`)
      return answer.headers.get('set-cookie')?.split(';')[0] ?? cookie
    } catch (error) {
      result.failures.push(reasonOf(error))
      return cookie
    }
  }

  async function stop(): Promise<typeof result> {
    stopping.abort()
    await running
    return result
  }
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) }
}

/** `fetch` keeps the reason one level down. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error ? `${String(error)}: ${cause.message}` : String(error)
}
