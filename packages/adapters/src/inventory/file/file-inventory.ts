import { readFile } from 'node:fs/promises'
import type { BoxSelection, DeploymentSpec } from '@vesemir/contract'
import { VesemirError, type Found, type Inventory } from '@vesemir/core'
import { readKnownHosts } from '../../remote-shell/ssh/known-hosts.ts'
import type { InventoryDeps } from '../deps.ts'
import { toFound, type DescribedHost } from '../host-target.ts'
import { environmentOf, onlyNamed, refuseMissing } from '../named.ts'
import { parseQuery, type Term } from '../query.ts'
import { matchesTerms } from './match-host.ts'
import { FileOptions } from './options.ts'
import { parseIniInventory } from './parse-ini.ts'
import { parseYamlInventory } from './parse-yaml.ts'
import { resolveHosts, type AnsibleHost } from './resolve-hosts.ts'

/** The inventory that a file is. It is an Ansible inventory, so that one that is there can be used as it is. */
export const fileInventory = { options: FileOptions, create: createFileInventory }

function createFileInventory(options: FileOptions, deps: InventoryDeps): Inventory {
  return {
    async findHosts(spec) {
      const terms = hostTerms(spec, options)
      const hosts = (await readHosts(options.path)).filter((host) => matchesTerms(host, terms))
      return describeFound(onlyNamed(hosts, spec), { terms, options, deps })
    },
    async findBoxes(selection, spec) {
      const terms = boxTerms(selection, { spec, options })
      const { names } = selection
      const isNamed = ({ name }: AnsibleHost) => !names || names.includes(name)
      const boxes = (await readHosts(options.path)).filter((host) => isNamed(host) && matchesTerms(host, terms))
      refuseMissing(boxes, { selection, spec, source: options.path })
      return describeFound(boxes, { terms, options, deps })
    },
  }
}

/** @throws {VesemirError} `CONFIG_INVALID` */
async function readHosts(path: string): Promise<AnsibleHost[]> {
  try {
    const text = await readFile(path, 'utf8')
    if (text.startsWith('#!')) throw new Error('it is a program: write what it gives to a file, and name that')
    const groups = /\.(?:ya?ml|json)$/.test(path) ? parseYamlInventory(text) : parseIniInventory(text)
    return resolveHosts(groups).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new VesemirError('CONFIG_INVALID', `the inventory file ${path} cannot be used: ${reason}`, { cause })
  }
}

function hostTerms(spec: DeploymentSpec, { variables }: FileOptions): Term[] {
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
function boxTerms(selection: BoxSelection, { spec, options }: { spec: DeploymentSpec; options: FileOptions }): Term[] {
  const { tags, role, cookbook } = selection
  if (cookbook !== undefined) {
    const message = `loadBalancer.boxes asks for the cookbook ${cookbook}, and an inventory file has none: give names, tags or a role, which is a group`
    throw new VesemirError('QUERY_INVALID', message, { details: { cookbook } })
  }
  const environment = { field: options.variables.environment, value: environmentOf(selection, spec) }
  return [environment, ...tagTerms(tags), ...(role === undefined ? [] : [{ field: 'roles', value: role }])]
}

function tagTerms(tags: readonly string[] = []): Term[] {
  return tags.map((value) => ({ field: 'tags', value }))
}

async function describeFound(
  hosts: readonly AnsibleHost[],
  { terms, options, deps }: { terms: readonly Term[]; options: FileOptions; deps: InventoryDeps },
): Promise<Found> {
  const searched = `${terms.map(({ field, value }) => `${field}:${value}`).join(' AND ')} (${options.path})`
  const { path, variables } = options
  const labels = {
    source: path,
    address: 'ansible_host',
    port: 'ansible_port',
    user: 'ansible_user',
    hostKeys: 'the variable host_keys',
  }
  const knownHosts = await readKnownHosts(options.knownHosts)
  const described = hosts.map((host) => describe(host, variables))
  return { ...toFound(described, { labels, ssh: deps.ssh, knownHosts }), searched }
}

/** The names that begin with `ansible_ssh_` are those of Ansible before 2.0, and still hold. */
function describe({ name, variables }: AnsibleHost, named: FileOptions['variables']): DescribedHost {
  return {
    name,
    address: variables.ansible_host ?? variables.ansible_ssh_host ?? name,
    port: variables.ansible_port ?? variables.ansible_ssh_port,
    user: variables.ansible_user ?? variables.ansible_ssh_user,
    zone: variables[named.zone],
    hostKeys: [variables.host_keys].flat().filter((key) => typeof key === 'string'),
  }
}
