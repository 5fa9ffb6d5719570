import type { Duplex } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import type { Connection, ServerChannel } from 'ssh2'

/** What a host has of its application. */
interface Application {
  installed: string
  running: string
}

interface Host {
  application: Application
  restartMs: number
}

/** The commands that a host knows. */
export const commands = { install: 'install-release', restart: 'restart-service' }

const outputLines = 10

/**
 * Answers one connection as a host does: it installs the version that a command's environment names, runs it after a restart,
 * and tells it over HTTP to whoever asks from the host itself.
 */
export function serveHost(client: Connection, host: Host): void {
  client.on('error', () => {})
  client.on('authentication', (context) => context.accept())
  client.on('ready', () => {
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => void run(acceptExec(), command, host))
    })
    client.on('tcpip', (accept) => answerHttp(accept(), host.application))
  })
}

async function run(channel: ServerChannel, command: string, { application, restartMs }: Host): Promise<void> {
  channel.on('error', () => {})
  channel.resume()
  if (command.includes(commands.install)) {
    application.installed = /VESEMIR_VERSION=[^\w]*([\w.+-]+)/.exec(command)?.[1] ?? ''
    for (let line = 1; line <= outputLines; line += 1) channel.write(`unpacked part ${line} of ${outputLines}\n`)
  } else if (command.includes(commands.restart)) {
    await setTimeout(restartMs)
    application.running = application.installed
    channel.write('restarted\n')
  }
  channel.exit(0)
  channel.end()
}

function answerHttp(stream: Duplex, { running }: Application): void {
  stream.on('error', () => {})
  stream.once('data', () => {
    const body = `version ${running}\n`
    stream.end(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`)
  })
}
