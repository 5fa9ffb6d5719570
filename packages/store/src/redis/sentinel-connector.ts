import { Redis, SentinelConnector, type RedisOptions, type SentinelConnectionOptions } from 'ioredis'

type Connector = NonNullable<RedisOptions['Connector']>
type ReportError = Parameters<SentinelConnector['connect']>[0]

/** What the Sentinels tell when they have made another server the primary: its name, the former address and the new one. */
const channel = '+switch-master'

/**
 * Makes what connects to the primary that Sentinels name, and leaves it when they name another: one that is cut off closes no connection,
 * and commands would wait for it. One subscription to each Sentinel serves all connections; that of ioredis is one for each.
 */
export function createSentinelConnector(): Connector {
  const connected = new Set<SentinelConnector>()
  let watching: Disposable | undefined
  const join = (connector: SentinelConnector, options: SentinelConnectionOptions) => {
    connected.add(connector)
    watching ??= watchSentinels(options, () => [...connected].forEach((each) => each.disconnect()))
  }
  const leave = (connector: SentinelConnector) => {
    connected.delete(connector)
    if (connected.size > 0) return
    watching?.[Symbol.dispose]()
    watching = undefined
  }
  class Connecting extends SentinelConnector {
    override async connect(report: ReportError) {
      const stream = await super.connect(report)
      join(this, this.options)
      return stream.once('close', () => leave(this))
    }
  }
  // It is made with the options of the connection, which the type of ioredis does not say.
  return Connecting as Connector
}

/** Listens to all Sentinels, each of which tells of the same fail-over. */
function watchSentinels(
  { sentinels = [], name, sentinelUsername, sentinelPassword, sentinelTLS }: SentinelConnectionOptions,
  onSwitch: () => void,
): Disposable {
  const credentials = { username: sentinelUsername, password: sentinelPassword, tls: sentinelTLS }
  let last = ''
  const subscribers = sentinels.map((sentinel) => {
    const subscriber = new Redis({ ...sentinel, ...credentials, enableReadyCheck: false, maxRetriesPerRequest: null })
    // It connects again by itself; a Sentinel that is away is told of when it is asked for the primary.
    subscriber.on('error', () => {})
    subscriber.on('message', (_, message: string) => {
      if (message === last || !message.startsWith(`${name} `)) return
      last = message
      onSwitch()
    })
    subscriber.subscribe(channel).catch(() => {})
    return subscriber
  })
  return { [Symbol.dispose]: () => subscribers.forEach((subscriber) => subscriber.disconnect()) }
}
