import { readdir, rename, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fleet } from '../../../infra/fleet/fleet.ts'
import { applicationFolder } from '../../../infra/fleet/fleet-state.ts'
import { findProcess } from '../../../infra/fleet/processes.ts'
import { runProgram } from '../../../infra/fleet/programs.ts'
import { serviceFolder } from '../../../infra/fleet/runit.ts'
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
  'a host falls back to its old version': {
    // From its proof to the end of its walk.
    steps: ['enable', 'soak'],
    async strike({ system: { fleet }, host, before }) {
      const old = before.versions.get(fleet.application)?.get(host)
      await runAgain(fleet, { host, version: old! })
      const fellAt = new Date().toISOString()
      return {
        judge: (view, events) => {
          const ended = events.findLast((event) => event.type === 'host.ended' && event.host === host)
          // After the end of its walk nobody looks at it any more.
          if (!ended || ended.at < fellAt) return []
          const state = view.hosts.find(({ target }) => target.name === host)?.state
          const code = state && 'failure' in state ? state.failure?.code : undefined
          return code === 'VERSION_CHANGED' ? [] : [`${host} fell back to ${old}, and is ${state?.status}, ${code}`]
        },
      }
    },
  },
} satisfies Record<string, Fault>

/** Has a host run an earlier release again, without a moment in which it does not answer, as a chef-client might. */
async function runAgain(fleet: Fleet, { host, version }: { host: string; version: string }): Promise<void> {
  const directory = applicationFolder(fleet, host, fleet.application)
  const releases = await readdir(join(directory, 'releases'))
  // A release's folder is called after its version, and what tells it apart from others of that version.
  const release = releases.find((name) => name === version || name.startsWith(`${version}-`))
  if (release === undefined) throw new Error(`${host} has no release of ${version}, only ${releases.join(', ')}`)
  await symlink(`releases/${release}`, join(directory, 'other'))
  await rename(join(directory, 'other'), join(directory, 'current'))
  await runProgram('sv', ['hup', serviceFolder(fleet, host)])
}
