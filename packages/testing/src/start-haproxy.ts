import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { vi } from 'vitest'
import type { HaproxyProgram } from './haproxy-programs.ts'

/** A real HAProxy, in master-worker mode, as distributions start it. */
export interface Haproxy extends AsyncDisposable {
  /** Its admin socket. */
  socket: string
  folder: string
  /** Asks it directly, past everything under test. */
  ask(command: string): Promise<string>
  /** Waits until its statistics match. */
  untilShown(pattern: RegExp): Promise<void>
  /** Reloads its configuration, a new one where it is given, and waits until the new worker answers. */
  reload(configuration?: string): Promise<void>
  /** Ends it and starts it again; `between` happens while it is away. */
  restart(between?: () => void): Promise<void>
}

/** How HAProxy is to run. */
export interface HaproxyStart {
  /** Of its socket. */
  level: string
  /** More lines of that section. */
  global: readonly string[]
  program: HaproxyProgram
  /** Whether it counts process ids for itself, as in a container: each start then has the same ones. Such a one is not reloaded. */
  hasPidNamespace?: boolean | undefined
}

/** Whether this machine lets tests make PID namespaces, which takes root. */
export const mayHavePidNamespace = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0

/** Starts HAProxy with proxies as given. */
export async function startHaproxy(
  proxies: string,
  { level, global, program, hasPidNamespace = false }: HaproxyStart,
): Promise<Haproxy> {
  const folder = mkdtempSync(join(tmpdir(), 'vesemir-haproxy-'))
  const socket = join(folder, 'admin.sock')
  const file = join(folder, 'haproxy.cfg')
  const ask = (command: string) => askSocket(socket, command)
  const write = (proxies: string) => writeFileSync(file, configuration(proxies))
  const configuration = (proxies: string) => `global
  stats socket ${socket} mode 600 level ${level} expose-fd listeners
  nbthread 1
  ${global.join('\n  ')}
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
${proxies}
`
  const pid = async () => {
    const info = await ask('show info')
    const [, pid] = /^Pid: (\d+)$/m.exec(info) ?? []
    if (pid === undefined || !/^Stopping: 0$/m.test(info)) throw new Error('no worker is in charge')
    return pid
  }

  async function start() {
    const namespace = hasPidNamespace ? ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'] : []
    const [command, ...args] = [...namespace, program.path, '-W', '-db', '-f', file]
    const haproxy = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    const exited = once(haproxy, 'exit')
    const errors = text(haproxy.stderr)
    const died = exited.then(async () => Promise.reject(new Error(`haproxy did not start:\n${await errors}`)))
    died.catch(() => {})
    await Promise.race([vi.waitFor(pid, { timeout: 10_000, interval: 10 }), died])
    const stop = async () => {
      // unshare passes no other signal on.
      haproxy.kill(hasPidNamespace ? 'SIGKILL' : 'SIGTERM')
      await exited
    }
    return { haproxy, stop }
  }

  write(proxies)
  let running = await start()
  return {
    socket,
    folder,
    ask,
    async untilShown(pattern) {
      const look = async () => assert.ok(pattern.test(await ask('show stat')), `the statistics do not match ${pattern}`)
      await vi.waitFor(look, { timeout: 10_000, interval: 10 })
    },
    async reload(proxies) {
      if (proxies !== undefined) write(proxies)
      const before = await pid()
      const isNew = async () => {
        if ((await pid()) === before) throw new Error('the old worker still answers')
      }
      // A master that has just started a worker replaces itself, and may miss the signal meanwhile.
      const reload = async () => {
        running.haproxy.kill('SIGUSR2')
        await vi.waitFor(isNew, { timeout: 1000, interval: 10 })
      }
      await vi.waitFor(reload, { timeout: 10_000, interval: 10 })
    },
    async restart(between = () => {}) {
      await running.stop()
      between()
      running = await start()
    },
    async [Symbol.asyncDispose]() {
      await running.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

async function askSocket(path: string, command: string): Promise<string> {
  const socket = connect(path)
  socket.end(`${command}\n`)
  return text(socket)
}
