import type { z } from 'zod'
import { createSsh } from './ssh/create-ssh.ts'
import { SshOptions } from './ssh/ssh-options.ts'

export { createSsh, type SshDeps, type SshShell } from './ssh/create-ssh.ts'
export { SshOptions } from './ssh/ssh-options.ts'
export type { SshSession } from './ssh/ssh-session.ts'
export { shellQuote } from './shell-quote.ts'

/** The ways to reach a machine, by `kind`. */
export const remoteShells = {
  ssh: { options: SshOptions, create: createSsh },
}

/** A worker's settings for reaching machines. */
export const RemoteShellOptions = SshOptions
export type RemoteShellOptions = z.infer<typeof RemoteShellOptions>
