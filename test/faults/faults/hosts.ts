import { findProcess } from '../../../infra/fleet/processes.ts'
import type { Fault } from './fault.ts'
import { signalTree } from './signals.ts'

/** What happens to the host that is walked. */
export const hostFaults = {
  'the sshd of a host is killed': {
    async strike({ system: { fleet }, host }) {
      await fleet.stopSshd(host)
      return { heal: () => fleet.startSshd(host) }
    },
  },
  'a host accepts connections and hangs': {
    async strike({ system: { fleet }, host }) {
      const tree = signalTree([findProcess(fleet, `sshd ${host}`)], 'SIGSTOP')
      return { heal: async () => void signalTree(tree, 'SIGCONT') }
    },
  },
  'a host reboots': {
    // Where it gets traffic, its reboot costs the requests that it has in hand.
    steps: ['deploy', 'restart', 'verify'],
    async strike({ system: { fleet }, host }) {
      await fleet.reboot(host)
      return {}
    },
  },
} satisfies Record<string, Fault>
