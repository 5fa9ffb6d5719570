import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import type { Connection, ServerChannel } from 'ssh2'

interface Host {
  /** Where its commands run, and keep what it has installed and what it runs. */
  folder: string
  restartMs: number
}

/** How a version's name ends whose restart fails on each host: each time, or the first time. */
export const failing = { always: '-broken', once: '-flaky' }

const cases = [
  `*${failing.always}) exit 1`,
  `*${failing.once}) cmp --silent installed failed || { cp installed failed; exit 1; }`,
].join(';; ')

/** The commands by which a host gets the release that its environment names, and runs it. */
export const commands = {
  install: 'seq --format "unpacked part %g of 10" 10; echo "$VESEMIR_VERSION" > installed',
  restart: [
    'sleep "$RESTART_SECONDS"',
    `case $(cat installed) in ${cases}; esac`,
    'cp installed running',
    'echo restarted',
  ].join('; '),
}

/**
 * Answers one connection as a host does: it runs commands by this machine's shell, and tells its version over HTTP to whoever asks from
 * the host itself.
 */
export function serveHost(client: Connection, host: Host): void {
  client.on('error', () => {})
  client.on('authentication', (context) => context.accept())
  client.on('ready', () => {
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => run(acceptExec(), command, host))
    })
    client.on('tcpip', (accept) => void answerHttp(accept(), host))
  })
}

function run(channel: ServerChannel, command: string, { folder, restartMs }: Host): void {
  const env = { PATH: process.env.PATH, RESTART_SECONDS: String(restartMs / 1000) }
  const shell = spawn('sh', ['-c', command], { cwd: folder, env, detached: true })
  channel.on('error', () => {})
  channel.pipe(shell.stdin).on('error', () => {})
  shell.stdout.pipe(channel, { end: false })
  shell.stderr.pipe(channel.stderr, { end: false })
  // What a connection has started ends with it.
  channel.once('close', () => {
    if (shell.exitCode === null && shell.signalCode === null) process.kill(-shell.pid!, 'SIGKILL')
  })
  shell.once('close', (exitCode) => {
    channel.exit(exitCode ?? 137)
    channel.end()
  })
}

async function answerHttp(stream: Duplex, { folder }: Host): Promise<void> {
  stream.on('error', () => {})
  const running = await readFile(join(folder, 'running'), 'utf8').catch(() => '')
  stream.once('data', () => {
    const body = `version ${running.trim()}\n`
    stream.end(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`)
  })
}
