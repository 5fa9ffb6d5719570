import { haproxyPrograms } from '@vesemir/testing/haproxy-programs'
import { doomedBox, type Fault } from './fault.ts'

/** What happens to HAProxy and its boxes. */
export const haproxyFaults = {
  'HAProxy is reloaded': {
    // It puts a host back into rotation until the next look, a fraction of a second later: between restart and proof that
    // would meet a process that has just been ended, on any of the hosts that are walked at once.
    steps: ['drain', 'deploy', 'soak'],
    notWhile: ['restart', 'verify', 'enable'],
    async strike({ system: { fleet }, random }) {
      await fleet.reloadBox(random.pick(fleet.boxes).name)
      return {}
    },
  },
  'one HAProxy of two is down': {
    costsRequests: true,
    async strike({ system: { fleet } }) {
      await fleet.stopBox(doomedBox)
      return { lostBoxes: [doomedBox], heal: () => fleet.startBox(doomedBox) }
    },
  },
  'the sshd of a box is killed': {
    async strike({ system: { fleet } }) {
      await fleet.stopSshd(doomedBox)
      return { lostBoxes: [doomedBox], heal: () => fleet.startSshd(doomedBox) }
    },
  },
  'HAProxy is started again with the same process id': {
    costsRequests: true,
    async strike({ system: { fleet } }) {
      await fleet.stopBox(doomedBox)
      await fleet.startBox(doomedBox)
      return {}
    },
  },
  'HAProxy is replaced by another version': {
    costsRequests: true,
    async strike({ system: { fleet }, random }) {
      await fleet.replaceHaproxy(doomedBox, random.pick(haproxyPrograms).path)
      return {}
    },
  },
  'a box reboots': {
    costsRequests: true,
    async strike({ system: { fleet } }) {
      await fleet.reboot(doomedBox)
      return {}
    },
  },
} satisfies Record<string, Fault>
