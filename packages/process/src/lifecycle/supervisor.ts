import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** What a process tells systemd about itself, where systemd started it with `Type=notify`; elsewhere nothing happens. */
export interface Supervisor extends Disposable {
  /** It serves. From then on it feeds the watchdog, as long as its event loop runs. */
  ready: () => void
  /** It reads its settings again; `ready` ends that. */
  reloading: () => void
  /** It stops, and finishes what is in progress. */
  stopping: () => void
}

/**
 * Creates what notifies systemd (sd_notify(3)): the address is in NOTIFY_SOCKET, and WATCHDOG_USEC says how often the watchdog must be
 * fed. Node has no datagram sockets of Unix, so the program systemd-notify sends, which every machine with systemd has.
 */
export function createSupervisor(env: NodeJS.ProcessEnv, onError: (error: Error) => void): Supervisor {
  const { NOTIFY_SOCKET: address } = env
  const own = { NOTIFY_SOCKET: address, PATH: env.PATH }
  let last = Promise.resolve()
  // One after the other: "ready" must not overtake "reloading".
  const send = (...states: string[]) => {
    if (address) last = last.then(() => notify(states, own)).catch(onError)
  }
  const watchdogMs = watchdogIntervalMs(env)
  let watchdog: NodeJS.Timeout | undefined
  return {
    ready() {
      send('READY=1')
      if (watchdogMs !== undefined) watchdog ??= setInterval(() => send('WATCHDOG=1'), watchdogMs).unref()
    },
    reloading: () => send('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: () => send('STOPPING=1'),
    [Symbol.dispose]: () => clearInterval(watchdog),
  }
}

async function notify(states: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  await promisify(execFile)('systemd-notify', states, { env })
}

/** Half of the longest silence that systemd takes, as sd_watchdog_enabled(3) advises; none without a watchdog for this process. */
function watchdogIntervalMs({ WATCHDOG_USEC: limit, WATCHDOG_PID: pid }: NodeJS.ProcessEnv): number | undefined {
  const isForUs = pid === undefined || pid === String(process.pid)
  return limit !== undefined && isForUs ? Number(limit) / 2000 : undefined
}
