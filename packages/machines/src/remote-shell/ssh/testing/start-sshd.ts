import { startSshd as startServer, type Sshd as SshServer } from '@vesemir/testing/start-sshd'
import { SshOptions } from '../ssh-options.ts'

/** A real sshd, with a worker's settings that it lets in. */
export interface Sshd extends SshServer {
  options: SshOptions
}

/** Starts sshd with keys of its own. */
export async function startSshd(parts?: Parameters<typeof startServer>[0]): Promise<Sshd> {
  const sshd = await startServer(parts)
  return { ...sshd, options: SshOptions.parse({ kind: 'ssh', ...sshd.login }) }
}
