import type { ApplicationDefinition } from '@vesemir/contract'
import { listBackends } from '@vesemir/core'

/** Describes how many hosts are deployed at once: `2 at a time`, `in waves of 1, 10%, 50%`. */
export function describeConcurrency(pace: ApplicationDefinition['concurrency']): string {
  if (pace === undefined) return 'one at a time'
  if (Array.isArray(pace)) return `in waves of ${pace.join(', ')}`
  return pace === 1 ? 'one at a time' : `${pace} at a time`
}

/** Describes how a version gets onto a host. */
export function describeChangeset(changeset: ApplicationDefinition['changeset']): string {
  if (changeset === undefined) return 'set by each deployment'
  switch (changeset.strategy) {
    case 'artifact':
      return `artifact ${changeset.url}, to ${changeset.directory}`
    case 'git':
      return `git ${changeset.repository} at ${changeset.revision}, to ${changeset.directory}`
    case 'command':
      return `commands: ${changeset.commands.join('; ')}`
  }
}

/** Describes what proves a host healthy. */
export function describeHealthCheck(check: ApplicationDefinition['healthCheck']): string {
  if (check === undefined) return 'set by each deployment'
  switch (check.kind) {
    case 'http':
      return `HTTP ${check.expectStatus} from port ${check.port} ${check.path}${check.expectBody === undefined ? '' : `, body contains “${check.expectBody}”`}`
    case 'tcp':
      return `TCP port ${check.port} accepts connections`
    case 'command':
      return `command: ${check.command}`
  }
}

/** Describes the load balancers in front of the hosts. */
export function describeLoadBalancer(balancer: ApplicationDefinition['loadBalancer']): string {
  if (balancer === undefined) return 'set by each deployment'
  return balancer.kind === 'none'
    ? 'none'
    : `HAProxy, ${listBackends(balancer)
        .map(({ name }) => name)
        .join(', ')}`
}
