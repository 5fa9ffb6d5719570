import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hostKeyBlob } from '@vesemir/testing/host-key-blob'
import { createInventory, InventoryOptions } from '../index.ts'
import { aSpec } from '@vesemir/contract/testing'
import { realClock } from '@vesemir/testing/clocks'

// What ansible.integration.test.ts cannot judge: what becomes of the values that Ansible reads.

const key = `ssh-ed25519 ${hostKeyBlob('ssh-ed25519', 'any')}`
const common = 'environment=production application=payments team=core'

let root: string
let folder: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vesemir-file-'))
  await writeFile(join(root, 'known_hosts'), `* ${key}\n`)
})
afterAll(() => rm(root, { recursive: true }))
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'inventory-'))
})

async function findHosts(files: Record<string, string>, hosts: ReturnType<typeof aSpec>['hosts'] = {}) {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), content)
  }
  const [name = ''] = Object.keys(files)
  const options = { kind: 'file', path: join(folder, name), knownHosts: join(root, 'known_hosts') }
  const ssh = { user: 'deploy', port: 22, jumpHosts: ['bastion', 'inner'] }
  const inventory = createInventory(InventoryOptions.parse(options), { ssh, clock: realClock })
  return (await inventory.findHosts(aSpec({ hosts }))).hosts
}

const ini = (lines: string) => ({ hosts: `${lines}\n[all:vars]\n${common.replaceAll(' ', '\n')}\n` })

describe('a template', () => {
  test('that names variables of the host is filled in', async () => {
    const files = {
      'hosts.yml': `
all:
  vars: { env_name: production, environment: '{{ env_name }}', team: core, domain: eu.example }
  children:
    payments:
      vars: { ansible_host: '{{ inventory_hostname }}.{{ domain }}', ansible_port: '{{ port }}', port: 2222 }
      hosts: { web1: , web2: { env_name: staging }, web3: { tags: ['{{ env_name }}-canary'] } }
`,
    }

    expect(await findHosts(files)).toMatchObject([
      { name: 'web1', address: 'web1.eu.example', port: 2222 },
      { name: 'web3', address: 'web3.eu.example' },
    ])
    expect(await findHosts(files, { tags: ['production-canary'] })).toMatchObject([{ name: 'web3' }])
  })

  test.each([
    ['a filter', '{{ env_name | default("production") }}'],
    ['a variable that is not there', '{{ nowhere }}'],
    ['itself', '{{ environment }}'],
    ['a list inside a text', 'x{{ some }}'],
    ['a statement', '{% if true %}production{% endif %}'],
  ])('with %s stops the plan and names the host, rather than lose it', async (_, environment) => {
    const files = {
      'hosts.yml': JSON.stringify({
        payments: {
          vars: { team: 'core', some: ['a'] },
          hosts: { web1: { environment }, web2: { environment: 'production' } },
        },
      }),
    }

    await expect(findHosts(files)).rejects.toMatchObject({
      code: 'HOST_UNUSABLE',
      message: expect.stringContaining('cannot match web1, since its environment is a template') as string,
      details: { hosts: ['web1'] },
    })
  })

  test('of a host that another term rules out stops nothing', async () => {
    const files = ini('[payments]\nweb1\n[db]\ndb1 application=db environment="{{ nowhere }}"')

    expect(await findHosts(files)).toMatchObject([{ name: 'web1' }])
  })
})

describe('tags', () => {
  test.each([
    ['a list in quotes', `"['web', 'eu']"`],
    ['a text with commas', 'web,eu'],
    ['a text with spaces', '"web eu"'],
  ])('in INI are read from %s', async (_, tags) => {
    expect(await findHosts(ini(`[payments]\nweb1 tags=${tags}`), { tags: ['web', 'eu'] })).toMatchObject([
      { name: 'web1' },
    ])
  })

  test('whose quotes INI takes for the line’s own stop the plan, and it says how to write them', async () => {
    await expect(findHosts(ini(`[payments]\nweb1 tags=['web','eu']`), { tags: ['web'] })).rejects.toMatchObject({
      code: 'HOST_UNUSABLE',
      message: expect.stringContaining(`its tags is the text "[web,eu]": in INI put a list in quotes`) as string,
    })
  })
})

describe('a value or file that Ansible Vault has encrypted', () => {
  const vault = '!vault |\n          $ANSIBLE_VAULT;1.1;AES256\n          6132\n'

  test('stops the plan where it is needed, and nothing where it is not', async () => {
    const host = (variables: string) => ({
      'hosts.yml': `payments:\n  vars: { environment: production, team: core }\n  hosts:\n    web1:\n${variables}`,
    })

    expect(await findHosts(host(`        password: ${vault}`))).toMatchObject([{ name: 'web1' }])
    await expect(findHosts(host(`        ansible_host: ${vault}`))).rejects.toThrow(
      'ansible_host is "encrypted by Ansible Vault", not an address',
    )
    await expect(findHosts(host(`        team: ${vault}`))).rejects.toThrow(
      'cannot match web1, since its team is encrypted by Ansible Vault',
    )
  })

  test.each([
    ['the inventory', { hosts: '$ANSIBLE_VAULT;1.1;AES256\n6132\n' }, 'hosts cannot be used: it is encrypted'],
    [
      'a file of variables',
      { ...ini('[payments]\nweb1'), 'group_vars/payments/vault.yml': '$ANSIBLE_VAULT;1.1;AES256\n6132\n' },
      'group_vars/payments/vault.yml is encrypted',
    ],
  ])('is refused by name: %s', async (_, files, words) => {
    await expect(findHosts(files)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(words) as string,
    })
  })
})

describe('how a host is reached', () => {
  test.each([
    ["ansible_ssh_common_args='-o ProxyJump=bastion'", ['bastion']],
    ["ansible_ssh_common_args='-J bastion,inner -o StrictHostKeyChecking=no'", ['bastion', 'inner']],
    ["ansible_ssh_extra_args='-oProxyJump=bastion'", ['bastion']],
    [`ansible_ssh_common_args="-C -o 'ProxyJump bastion'"`, ['bastion']],
    ["ansible_ssh_common_args='-o ProxyJump=none'", []],
    ["ansible_ssh_common_args='-o ControlPersist=60s'", undefined],
    ['ansible_connection=ssh', undefined],
  ])('is read from %s', async (variable, jumpHosts) => {
    const [host] = await findHosts(ini(`[payments]\nweb1 ${variable}`))

    expect(host?.jumpHosts).toEqual(jumpHosts)
  })

  test.each([
    ["ansible_ssh_common_args='-o ProxyJump=elsewhere'", 'its jump host "elsewhere" is not in the worker’s'],
    [`ansible_ssh_common_args='-o ProxyCommand="ssh -W %h:%p bastion"'`, 'proxycommand is not read from there'],
    ["ansible_ssh_extra_args='-p 2222'", 'port is not read from there'],
    ["ansible_ssh_args='-F /etc/ssh/other'", 'configfile is not read from there'],
    ['ansible_connection=local', 'ansible_connection is "local", and Vesemir reaches hosts by SSH'],
    ['ansible_connection=community.docker.docker', 'Vesemir reaches hosts by SSH'],
  ])('is refused by name where it cannot be read: %s', async (variable, words) => {
    await expect(findHosts(ini(`[payments]\nweb1 ${variable}`))).rejects.toMatchObject({
      code: 'HOST_UNUSABLE',
      message: expect.stringContaining(words.replace('’', "'")) as string,
    })
  })

  test('is what the older names of the variables say, where both are there', async () => {
    const line =
      'web1 ansible_host=10.0.0.1 ansible_ssh_host=10.0.0.2 ansible_port=22 ansible_ssh_port=2222 ansible_ssh_user=admin'

    expect(await findHosts(ini(`[payments]\n${line}`))).toMatchObject([
      { address: '10.0.0.2', port: 2222, user: 'admin' },
    ])
  })
})
