import type { StepName } from '@vesemir/contract'

/** What each step of a host's walk does, for those who see one for the first time. */
export const stepPurposes: Readonly<Record<StepName, string>> = {
  connect: 'opens SSH to the host and to its HAProxy boxes',
  guard: 'waits until enough other servers are in service',
  drain: 'takes the host out of rotation and lets its sessions end',
  deploy: 'puts the new version in place',
  restart: 'restarts the service',
  verify: 'checks that the new version answers and is healthy',
  enable: 'puts the host back into rotation with part of its traffic',
  soak: 'watches the host under part of its traffic',
  restore: 'restores full traffic',
}
