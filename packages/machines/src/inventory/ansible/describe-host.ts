import type { DescribedHost } from '../host-target.ts'
import { fillIn } from './fill-in.ts'
import type { AnsibleHost } from './resolve-hosts.ts'
import { readSshArguments } from './ssh-arguments.ts'
import { Unread } from './unread.ts'

/** Ansible's connections that are SSH. */
const sshConnections = /^(?:ansible\.builtin\.)?(?:ssh|smart|paramiko|paramiko_ssh)$/

/**
 * Says how Ansible reaches a host. The names that begin with `ansible_ssh_` are those of Ansible before 2.0, and hold over the
 * others (MAGIC_VARIABLE_MAPPING of its constants.py).
 */
export function describeHost(host: AnsibleHost, { zone }: { zone: string }): DescribedHost {
  const valueOf = (...names: string[]) =>
    fillIn(host.variables.get(names.find((name) => host.variables.has(name)) ?? ''), host)
  const connection = valueOf('ansible_connection')
  const described = {
    name: host.name,
    address: valueOf('ansible_ssh_host', 'ansible_host') ?? host.name,
    port: valueOf('ansible_ssh_port', 'ansible_port'),
    user: valueOf('ansible_ssh_user', 'ansible_user'),
    zone: valueOf(zone),
    hostKeys: [valueOf('host_keys')].flat().filter((key) => typeof key === 'string'),
  }
  if (connection != null && !(typeof connection === 'string' && sshConnections.test(connection)))
    return {
      ...described,
      problem: `ansible_connection is ${JSON.stringify(connection)}, and Vesemir reaches hosts by SSH`,
    }
  return { ...described, ...readWay(valueOf) }
}

function readWay(valueOf: (name: string) => unknown): Pick<DescribedHost, 'jumpHosts' | 'problem'> {
  let way: Pick<DescribedHost, 'jumpHosts' | 'problem'> = {}
  // ssh takes the first of several, and Ansible gives them in this order.
  for (const name of ['ansible_ssh_args', 'ansible_ssh_common_args', 'ansible_ssh_extra_args']) {
    const value = valueOf(name)
    if (value == null) continue
    const read = typeof value === 'string' ? readSshArguments(value) : new Unread(JSON.stringify(value))
    if (read instanceof Unread) return { problem: `${name} is ${read.why}` }
    if (read.jumpHosts) way = { ...read, ...way }
  }
  return way
}
