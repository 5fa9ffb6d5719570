import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { hostKeyBlob } from '@vesemir/testing/host-key-blob'
import { aSpec } from '@vesemir/contract/testing'
import { realClock } from '@vesemir/testing/clocks'
import { createInventory, InventoryOptions } from '../index.ts'
import type { FileOptions } from './options.ts'

const keyOf = (name: string) => `ssh-ed25519 ${hostKeyBlob('ssh-ed25519', name)}`

const yaml = `
all:
  vars: { team: core }
payments:
  hosts:
    web1: { ansible_host: 10.0.0.1, ansible_port: 2222, ansible_user: app, zone: eu-b, host_keys: ['${keyOf('web1')}'] }
    web2: { tags: [canary], host_keys: ${keyOf('web2')} }
    web3: { application: [payments, refunds], host_keys: ${keyOf('web3')} }
staging-web:
  hosts: { web9: { application: payments, environment: staging } }
lb:
  hosts: { lb1: { host_keys: ${keyOf('lb1')} }, lb2: { host_keys: ${keyOf('lb2')} } }
  vars: { application: edge }
production:
  children: { payments: , lb: }
`

const ini = `
[payments]
web1 ansible_host=10.0.0.1
web2

[production:children]
payments

[all:vars]
team=core
`

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-file-'))
  await writeFile(join(folder, 'hosts.yml'), yaml)
  await writeFile(join(folder, 'hosts'), ini)
  await writeFile(join(folder, 'known_hosts'), `web* ${keyOf('any')}\n`)
})
afterAll(() => rm(folder, { recursive: true }))

function anInventory(options: Partial<z.input<typeof FileOptions>> = {}) {
  const parsed = InventoryOptions.parse({ kind: 'file', path: join(folder, 'hosts.yml'), ...options })
  return createInventory(parsed, { ssh: { user: 'deploy', port: 22 }, clock: realClock })
}

const namesOf = ({ hosts }: { hosts: { name: string }[] }) => hosts.map(({ name }) => name)

describe('hosts in a YAML file', () => {
  test('are those of environment, application and team, by variable or group', async () => {
    const found = await anInventory().findHosts(aSpec())

    expect(found).toEqual({
      hosts: [
        { name: 'web1', address: '10.0.0.1', port: 2222, user: 'app', zone: 'eu-b', hostKeys: [keyOf('web1')] },
        { name: 'web2', address: 'web2', port: 22, user: 'deploy', hostKeys: [keyOf('web2')] },
        { name: 'web3', address: 'web3', port: 22, user: 'deploy', hostKeys: [keyOf('web3')] },
      ],
      warnings: [],
      searched: `environment:production AND application:payments AND team:core (${join(folder, 'hosts.yml')})`,
      groups: Object.fromEntries(['web1', 'web2', 'web3'].map((name) => [name, ['production', 'payments']])),
    })
  })

  test.each([
    [{ tags: ['canary'] }, ['web2']],
    [{ tags: ['payments', 'canary'] }, ['web2']],
    [{ query: 'application:refunds' }, ['web3']],
    [{ query: 'groups:lb AND name:lb2' }, ['lb2']],
    [{ query: 'zone:eu-b' }, ['web1']],
    [{ query: 'environment:staging' }, []],
    [{ only: ['web3', 'web1'] }, ['web1', 'web3']],
  ])('can be chosen by %j', async (hosts, expected) => {
    expect(namesOf(await anInventory().findHosts(aSpec({ hosts })))).toEqual(expected)
  })

  test('that are named and not there are an error', async () => {
    await expect(anInventory().findHosts(aSpec({ hosts: { only: ['web9'] } }))).rejects.toMatchObject({
      code: 'QUERY_INVALID',
      details: { missing: ['web9'] },
    })
  })

  test('need a host key', async () => {
    await expect(anInventory().findHosts(aSpec({ environment: 'staging' }))).rejects.toMatchObject({
      code: 'HOST_KEY_MISSING',
      message: 'web9 has no SSH host key, neither in the variable host_keys nor in known_hosts',
    })
  })
})

test('hosts in an INI file are found alike, their keys in known_hosts', async () => {
  const options = { path: join(folder, 'hosts'), knownHosts: join(folder, 'known_hosts') }

  const found = await anInventory(options).findHosts(aSpec())

  expect(found.hosts).toMatchObject([
    { name: 'web1', address: '10.0.0.1', hostKeys: [keyOf('any')] },
    { name: 'web2', address: 'web2' },
  ])
})

test('the variables can be called otherwise', async () => {
  const path = join(folder, 'other.yml')
  await writeFile(path, `web: { hosts: { web1: { env: production, app: payments, squad: core, az: a } } }`)
  const variables = { environment: 'env', application: 'app', team: 'squad', zone: 'az' }

  const found = await anInventory({ path, variables, knownHosts: join(folder, 'known_hosts') }).findHosts(aSpec())

  expect(found.hosts).toMatchObject([{ name: 'web1', zone: 'a' }])
})

describe('boxes in a file', () => {
  test.each([
    [{ tags: ['lb'] }, ['lb1', 'lb2']],
    [{ role: 'lb' }, ['lb1', 'lb2']],
    [{ names: ['lb2'] }, ['lb2']],
  ])('are found by %j', async (selection, expected) => {
    expect(namesOf(await anInventory().findBoxes(selection, aSpec()))).toEqual(expected)
  })

  test.each([
    [{ names: ['lb1', 'web9'] }, 'names web9'],
    [{ cookbook: 'haproxy' }, 'an Ansible inventory has none'],
  ])('are refused by %j', async (selection, words) => {
    await expect(anInventory().findBoxes(selection, aSpec())).rejects.toMatchObject({
      code: 'QUERY_INVALID',
      message: expect.stringContaining(words) as string,
    })
  })
})

test.each([
  ['gone.yml', undefined, 'ENOENT'],
  ['script', '#!/bin/sh\necho {}\n', 'it is a program'],
  ['broken', '[web', 'line 1: [web has a bracket that is not a range'],
  ['vaulted', '$ANSIBLE_VAULT;1.1;AES256\n6132\n', 'it is encrypted by Ansible Vault'],
  ['hosts.toml', '[web]\nhosts = {}', 'it is TOML'],
  ['.', undefined, 'it is a folder'],
])('a file that cannot be read says so: %s', async (name, content, words) => {
  const path = join(folder, name)
  if (content !== undefined) await writeFile(path, content)

  await expect(anInventory({ path }).findHosts(aSpec())).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(
      new RegExp(`^the inventory file ${path} cannot be used: .*${words.replaceAll(/[[\]]/g, '\\$&')}`),
    ) as string,
  })
})
