import type { BoxSelection, DeploymentSpec } from '@vesemir/contract'
import { VesemirError, type Found, type Inventory } from '@vesemir/core'
import { readKnownHosts } from '../../remote-shell/ssh/known-hosts.ts'
import type { InventoryDeps } from '../deps.ts'
import { toFound } from '../host-target.ts'
import { environmentOf, onlyNamed, refuseMissing } from '../named.ts'
import { parseQuery, type Term } from '../query.ts'
import { describeHost } from './describe-host.ts'
import type { AnsibleHost } from './resolve-hosts.ts'
import { selectHosts } from './select-hosts.ts'
import type { VariableNames } from './variable-names.ts'

/** Where the hosts of an Ansible inventory come from, and how they are to be understood. */
export interface AnsibleSource {
  /** What the hosts were read from, for messages. */
  name: string
  variables: VariableNames
  knownHosts: string | undefined
  read(signal?: AbortSignal): Promise<{ hosts: AnsibleHost[]; warnings: string[] }>
}

/** Creates the inventory that reads its source again for every call. */
export function createAnsibleInventory(source: AnsibleSource, deps: InventoryDeps): Inventory {
  const { variables } = source
  return {
    async findHosts(spec, signal) {
      const terms = hostTerms(spec, variables)
      const read = await source.read(signal)
      const hosts = onlyNamed(selectHosts(read.hosts, terms), spec)
      return describeFound({ ...read, hosts }, { terms, source, deps })
    },
    async findBoxes(selection, spec, signal) {
      const terms = boxTerms(selection, { spec, source })
      const read = await source.read(signal)
      const { names } = selection
      const named = names ? read.hosts.filter(({ name }) => names.includes(name)) : read.hosts
      const hosts = selectHosts(named, terms)
      refuseMissing(hosts, { selection, spec, source: source.name })
      return describeFound({ ...read, hosts }, { terms, source, deps })
    },
  }
}

function hostTerms(spec: DeploymentSpec, variables: VariableNames): Term[] {
  const environment = { field: variables.environment, value: spec.environment }
  if (spec.hosts.query !== undefined) return [environment, ...parseQuery(spec.hosts.query)]
  return [
    environment,
    { field: variables.application, value: spec.application },
    { field: variables.team, value: spec.team },
    ...tagTerms(spec.hosts.tags),
  ]
}

/** A role is a group. Cookbooks are Chef's alone. */
function boxTerms(selection: BoxSelection, { spec, source }: { spec: DeploymentSpec; source: AnsibleSource }): Term[] {
  const { tags, role, cookbook } = selection
  if (cookbook !== undefined) {
    const message = `loadBalancer.boxes asks for the cookbook ${cookbook}, and an Ansible inventory has none: give names, tags or a role, which is a group`
    throw new VesemirError('QUERY_INVALID', message, { details: { cookbook } })
  }
  const environment = { field: source.variables.environment, value: environmentOf(selection, spec) }
  return [environment, ...tagTerms(tags), ...(role === undefined ? [] : [{ field: 'roles', value: role }])]
}

function tagTerms(tags: readonly string[] = []): Term[] {
  return tags.map((value) => ({ field: 'tags', value }))
}

async function describeFound(
  read: { hosts: readonly AnsibleHost[]; warnings: readonly string[] },
  { terms, source, deps }: { terms: readonly Term[]; source: AnsibleSource; deps: InventoryDeps },
): Promise<Found> {
  const labels = {
    source: source.name,
    address: 'ansible_host',
    port: 'ansible_port',
    user: 'ansible_user',
    hostKeys: 'the variable host_keys',
  }
  const knownHosts = await readKnownHosts(source.knownHosts)
  const described = read.hosts.map((host) => describeHost(host, source.variables))
  const { hosts, warnings } = toFound(described, { labels, ssh: deps.ssh, knownHosts })
  const searched = `${terms.map(({ field, value }) => `${field}:${value}`).join(' AND ')} (${source.name})`
  const groups = Object.fromEntries(read.hosts.map((host) => [host.name, host.groups]))
  return { hosts, warnings: [...read.warnings, ...warnings], searched, groups }
}
