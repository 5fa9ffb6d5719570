import { shellQuote, type SshSession } from '../../remote-shell/index.ts'

const readTimeoutMs = 10_000

/**
 * Reads HAProxy's configuration on its box. `shown` is what it says of itself: `HAPROXY_CFGFILES=<path>;<path>` (management
 * guide, "show env"). Gives undefined where it may not be read, which nothing needs.
 */
export async function readConfiguration(
  session: SshSession,
  { shown, signal }: { shown: string; signal?: AbortSignal | undefined },
): Promise<string | undefined> {
  const paths = /^HAPROXY_CFGFILES=(.+)$/m.exec(shown)?.[1]?.split(';') ?? []
  if (paths.length === 0) return undefined
  try {
    const script = `cat ${paths.map(shellQuote).join(' ')}`
    return (await session.run(script, { name: 'read configuration', timeoutMs: readTimeoutMs, signal })).stdout
  } catch {
    signal?.throwIfAborted()
    return undefined
  }
}

/**
 * Whether a reload makes HAProxy forget drains and weights: unless it loads them from a file, or has every server prove
 * itself before it gets traffic (`init-state`, from 3.1 on).
 */
export function forgetsOverReload(configuration: string): boolean {
  const lines = configuration.split('\n').map((line) => line.replace(/(^|\s)#.*/, ''))
  return !lines.some(
    (line) =>
      /^\s*load-server-state-from-file\s+(global|local)\b/.test(line) || /\sinit-state\s+(fully-)?down\b/.test(line),
  )
}
