import type { Clock } from '@vesemir/core'
import type { SshShell } from '../remote-shell/index.ts'

/** What load balancers are given besides their options. */
export interface LoadBalancersDeps {
  remoteShell: SshShell
  clock: Clock
  /** For passwords; the process's own unless given. */
  env?: Readonly<Record<string, string | undefined>>
}
