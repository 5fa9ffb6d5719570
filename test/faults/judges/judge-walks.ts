import type { DeploymentEvent, DeploymentView } from '@vesemir/contract'

/** A deployment with all that happened in it. */
export interface Story {
  view: DeploymentView
  events: readonly DeploymentEvent[]
}

interface Walk {
  deployment: string
  machine: string
  from: string
  to: string
}

/** Says in words which machines two deployments had out of rotation at once: from the beginning of a drain to the host's end. */
export function judgeWalks(stories: readonly Story[]): string[] {
  const walks = stories.flatMap(walksOf)
  return walks.flatMap((one, index) =>
    walks
      .slice(index + 1)
      .filter((other) => other.deployment !== one.deployment && other.machine === one.machine && overlap(one, other))
      .map((other) => `${one.machine} was walked by ${tell(one)} and by ${tell(other)}`),
  )
}

function walksOf({ view: { deployment, hosts }, events }: Story): Walk[] {
  const machineOf = new Map(hosts.map(({ target }) => [target.name, target.address]))
  const open = new Map<string, string>()
  const walks: Walk[] = []
  for (const event of events) {
    if (event.type === 'step.started' && event.step === 'drain' && !open.has(event.host)) open.set(event.host, event.at)
    if (event.type !== 'host.ended') continue
    const from = open.get(event.host)
    if (from) walks.push({ deployment: deployment.id, machine: machineOf.get(event.host)!, from, to: event.at })
    open.delete(event.host)
  }
  return walks
}

function overlap(one: Walk, other: Walk): boolean {
  return one.from < other.to && other.from < one.to
}

function tell({ deployment, from, to }: Walk): string {
  return `${deployment} from ${from} to ${to}`
}
