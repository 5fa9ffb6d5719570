import { VesemirError } from '@vesemir/core'
import { listed } from '../listed.ts'
import type { Term } from '../query.ts'
import { matchTerms } from './match-host.ts'
import type { AnsibleHost } from './resolve-hosts.ts'
import { Unread } from './unread.ts'

/**
 * Returns the hosts that all terms ask for, by name.
 * @throws {VesemirError} `HOST_UNUSABLE`, naming each host of which cannot be told whether it is meant, and why
 */
export function selectHosts(hosts: readonly AnsibleHost[], terms: readonly Term[]): AnsibleHost[] {
  const selected: AnsibleHost[] = []
  const unread: { name: string; why: string }[] = []
  for (const host of hosts) {
    const match = matchTerms(host, terms)
    if (match instanceof Unread) unread.push({ name: host.name, why: match.why })
    else if (match) selected.push(host)
  }
  if (unread.length === 0) return selected.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const told = unread.map(({ name, why }) => `cannot match ${name}, since its ${why}`)
  throw new VesemirError('HOST_UNUSABLE', `${listed(told)}. Write a plain value in its place`, {
    details: { hosts: unread.map(({ name }) => name) },
  })
}
