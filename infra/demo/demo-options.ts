import { tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

/** How a demo is to run. */
export interface DemoOptions {
  /** Tear down at the end, in place of staying up. */
  once: boolean
  /** End with one JSON object on stdout; all else goes to stderr. */
  json: boolean
  /** Everything is kept there. */
  dir: string
  /** The fleet's network, `127.78`; without it the first free one. */
  network?: string
  /** The API's port; without it the first free one. */
  port?: number
}

export const usage = `usage: npm run demo -- [options]
  --once           tear down at the end, and exit with 0 when all went well, 1 when not
  --json           with --once: the last line of stdout is one JSON object, all else goes to stderr
  --dir DIR        keep everything there (default: ${defaultDir()})
  --network 127.N  the fleet's network (default: 127.77, or another that is free)
  --port N         the API's port on 127.0.0.1 (default: 7400, or another that is free)
Two demos stand side by side when each has a folder of its own.`

/** What was typed cannot be meant. */
export class UsageError extends Error {}

/** Reads the demo's options. */
export function readOptions(args: string[]): DemoOptions | 'help' {
  const { once, json, dir, network, port, help } = parse(args)
  if (help) return 'help'
  if (json && !once) throw new UsageError('--json goes with --once')
  if (network !== undefined && !/^127\.\d{1,3}$/.test(network))
    throw new UsageError(`--network must be like 127.78, not ${network}`)
  return {
    once,
    json,
    dir: resolve(dir),
    ...(network === undefined ? {} : { network }),
    ...(port === undefined ? {} : { port: portOf(port) }),
  }
}

function parse(args: string[]) {
  const flag = { type: 'boolean', default: false } as const
  const text = { type: 'string' } as const
  try {
    const dir = { ...text, default: defaultDir() }
    return parseArgs({ args, options: { once: flag, json: flag, dir, network: text, port: text, help: flag } }).values
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause })
  }
}

function portOf(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port > 0 && port < 65_536) return port
  throw new UsageError(`--port must be a port, not ${text}`)
}

function defaultDir(): string {
  return join(tmpdir(), `vesemir-demo-${userInfo().username}`)
}
