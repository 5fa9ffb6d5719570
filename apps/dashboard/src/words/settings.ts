import type { ApplicationDefinition } from '@vesemir/contract'

/** Says how hosts are taken: `2 at once`, `in waves of 1, 10%, 50%`. */
export function tellPace(pace: ApplicationDefinition['concurrency']): string {
  if (pace === undefined) return 'one at a time'
  if (Array.isArray(pace)) return `in waves of ${pace.join(', ')}`
  return pace === 1 ? 'one at a time' : `${pace} at once`
}

/** Says how a version gets onto a host. */
export function tellChangeset(changeset: ApplicationDefinition['changeset']): string {
  if (changeset === undefined) return 'given with each deployment'
  switch (changeset.strategy) {
    case 'artifact':
      return `artifact ${changeset.url}, to ${changeset.directory}`
    case 'git':
      return `git ${changeset.repository} at ${changeset.revision}, to ${changeset.directory}`
    case 'command':
      return `commands: ${changeset.commands.join('; ')}`
  }
}

/** Says what proves a host healthy. */
export function tellHealthCheck(check: ApplicationDefinition['healthCheck']): string {
  if (check === undefined) return 'given with each deployment'
  switch (check.kind) {
    case 'http':
      return `HTTP ${check.expectStatus} from port ${check.port}, ${check.path}${check.expectBody === undefined ? '' : `, with “${check.expectBody}” in the answer`}`
    case 'tcp':
      return `TCP port ${check.port} takes connections`
    case 'command':
      return `command: ${check.command}`
  }
}

/** Says which load balancers stand before the hosts. */
export function tellLoadBalancer(balancer: ApplicationDefinition['loadBalancer']): string {
  if (balancer === undefined) return 'given with each deployment'
  return balancer.kind === 'none' ? 'none' : `HAProxy, ${balancer.backends.join(', ')}`
}

/** Reads a pace as people type it: `2`, `25%`, or waves as in `1, 10%, 50%`; nothing when nothing is typed. */
export function readPace(text: string): ApplicationDefinition['concurrency'] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  const sizes = parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part))
  return sizes.length > 1 ? sizes : sizes[0]
}
