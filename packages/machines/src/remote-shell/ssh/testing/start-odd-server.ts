import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import ssh2, { type Connection, type ServerChannel } from 'ssh2'
import { createSsh } from '../create-ssh.ts'
import type { SshOptions } from '../ssh-options.ts'
import type { SshSession } from '../ssh-session.ts'
import { type Sshd } from './start-sshd.ts'
import { writeKeyPair } from '@vesemir/testing/start-sshd'

interface OddServer extends AsyncDisposable {
  session: SshSession
}

interface Oddity {
  /** What it does to a command that it has taken. */
  onCommand?: (channel: ServerChannel, client: Connection, command: string) => void
  /** Whether it answers at all when a command is asked for. */
  isSilent?: boolean
  options?: Partial<SshOptions>
}

/** Starts a server that does what no proper sshd does, and logs in on it; `sshd` lends its folder and key. */
export async function startOddServer(
  sshd: Sshd,
  { onCommand = () => {}, isSilent = false, options = {} }: Oddity,
): Promise<OddServer> {
  const keyFile = join(sshd.folder, 'odd_key')
  const hostKey = writeKeyPair(keyFile)
  const server = new ssh2.Server({ hostKeys: [readFileSync(keyFile)] }, (client) => {
    client.on('authentication', (context) => context.accept())
    client.on('session', (accept) =>
      accept().on('exec', (take, _refuse, { command }) => {
        if (!isSilent) onCommand(take(), client, command)
      }),
    )
    client.on('error', () => {})
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const target = { ...sshd.target, port, hostKeys: [hostKey.public] }
  const session = await createSsh({ ...sshd.options, ...options }, { env: {} }).connect(target)
  return {
    session,
    async [Symbol.asyncDispose]() {
      await session[Symbol.asyncDispose]()
      server.close()
      await once(server, 'close')
    },
  }
}

/** What the shell of a command prints whose script prints this and succeeds: its proof around it. */
export function provenOutput(command: string, printed: string): string {
  const [, first, second] = /printf %s%s (\w+) (\w+);/.exec(command) ?? []
  return `${first}${second}${printed}${first}${second}:0:`
}
