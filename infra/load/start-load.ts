import { Agent, get } from 'node:http'
import { summarise, type Answer, type LoadSummary } from './summarise.ts'

/** Where the load goes and how much of it there is. */
export interface LoadRequest {
  /** Base URLs (`http://127.0.0.1:8080`), taken in turn. */
  urls: readonly string[]
  requestsPerSecond: number
  /** Share of the requests that go to `/slow`, 0 to 1; the rest go to `/`. Default 0.5. */
  slowShare?: number
  /** After this long without a whole answer a request has failed. Default 5000. */
  requestTimeoutMs?: number
  /**
   * Whether a request is sent again, once and on a new connection, when a kept one was closed before any answer: as RFC 9112,
   * 9.3.1 allows for GET and browsers do. A load balancer that reloads closes kept connections. Default false.
   */
  resendOnClosed?: boolean
  /** Requests that come due beyond this many count as failed (`not sent: …`) instead of piling up. Default 1000. */
  maxInFlight?: number
}

/** A load that runs until it is stopped. */
export interface Load extends AsyncDisposable {
  /** Sends nothing more, waits for the requests in flight (each has its time limit) and counts them all. */
  stop(): Promise<LoadSummary>
}

// An idle connection is given up before any load balancer closes it: a request sent into that close would be lost
// through no fault of the deployment. On a connection in use, the agent's `timeout` only emits an event.
const idleMs = 1_000

/**
 * Sends GET requests at a fixed rate, however slow the answers are (open loop: a stalled server gets no rest,
 * so a gap shows as failures and not as fewer requests). Connections are kept alive, one agent per URL.
 * A request has failed on a connection error, a timeout or any status but 200; nothing is tried again, unless asked for.
 */
export function startLoad(request: LoadRequest): Load {
  const { urls, requestsPerSecond, slowShare = 0.5, requestTimeoutMs = 5_000, maxInFlight = 1_000 } = request
  const { resendOnClosed = false } = request
  if (urls.length === 0 || !(requestsPerSecond > 0)) throw new RangeError('a load needs a URL and a rate above 0')
  const targets = urls.map((url) => ({ url, agent: new Agent({ keepAlive: true, timeout: idleMs }) }))
  const answers: Answer[] = []
  const inFlight = new Set<Promise<void>>()
  const startedMs = performance.now()
  let sent = 0

  // A timer is late now and then: each tick sends all that is due by then, so the rate holds.
  const timer = setInterval(sendDue, Math.max(1, Math.min(50, 1_000 / requestsPerSecond)))

  function sendDue() {
    const due = Math.floor(((performance.now() - startedMs) / 1_000) * requestsPerSecond)
    while (sent < due) send(sent++)
  }

  function send(index: number) {
    if (inFlight.size >= maxInFlight) {
      answers.push({ failure: `not sent: ${maxInFlight} in flight`, sentAt: new Date(), durationMs: 0 })
      return
    }
    const target = targets[index % targets.length]!
    const round = Math.floor(index / targets.length)
    const url = new URL(isSlow(round, slowShare) ? '/slow' : '/', target.url)
    const one = ask(url, { agent: target.agent, requestTimeoutMs, resendOnClosed }).then((answer) => {
      answers.push(answer)
      inFlight.delete(one)
    })
    inFlight.add(one)
  }

  async function stop(): Promise<LoadSummary> {
    clearInterval(timer)
    await Promise.all(inFlight)
    for (const { agent } of targets) agent.destroy()
    return summarise(answers)
  }

  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) }
}

/** Spreads the slow requests evenly: without chance, so two runs send the same. */
function isSlow(round: number, slowShare: number): boolean {
  return Math.floor((round + 1) * slowShare) > Math.floor(round * slowShare)
}

interface AskOptions {
  /** `false` makes a connection for this request alone. */
  agent: Agent | false
  requestTimeoutMs: number
  resendOnClosed: boolean
}

function ask(url: URL, options: AskOptions): Promise<Answer> {
  const { agent, requestTimeoutMs, resendOnClosed } = options
  const sentAt = new Date()
  const startedMs = performance.now()
  return new Promise((resolve) => {
    const settle = (answer: Omit<Answer, 'sentAt' | 'durationMs'>) => {
      clearTimeout(timer)
      resolve({ ...answer, sentAt, durationMs: performance.now() - startedMs })
    }
    let hasAnswer = false
    const request = get(url, { agent }, (response) => {
      hasAnswer = true
      const version = response.headers['x-version']
      const status = response.statusCode ?? 0
      response.on('error', (error) => settle({ failure: codeOf(error) }))
      response.on('end', () =>
        settle(status === 200 ? (typeof version === 'string' ? { version } : {}) : { failure: `status ${status}` }),
      )
      response.resume()
    })
    request.on('error', (error) => {
      if (!resendOnClosed || !request.reusedSocket || codeOf(error) !== 'ECONNRESET' || hasAnswer)
        return settle({ failure: codeOf(error) })
      clearTimeout(timer)
      void ask(url, { agent: false, requestTimeoutMs, resendOnClosed: false }).then((answer) =>
        settle({ ...answer, wasResent: true }),
      )
    })
    const timer = setTimeout(() => {
      settle({ failure: 'timeout' })
      request.destroy()
    }, requestTimeoutMs)
  })
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}
