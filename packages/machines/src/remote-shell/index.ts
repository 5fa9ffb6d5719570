export { createSsh, type SshShell } from './ssh/create-ssh.ts'
export type { Purpose } from './purpose.ts'
export type { SshSession } from './ssh/ssh-session.ts'
export { readSudo, sudoProof, sudoWrap, type Sudo } from './ssh/sudo.ts'
export { shellQuote } from './shell-quote.ts'

// SSH is the only way to reach a machine so far. A second one makes this a union by `kind`.
export { SshOptions, SshOptions as RemoteShellOptions, SudoOptions } from './ssh/ssh-options.ts'
