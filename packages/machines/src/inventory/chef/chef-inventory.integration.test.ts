import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BoxSelection } from '@vesemir/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { createInventory, InventoryOptions } from '../index.ts'
import { hostKeyBlob } from '@vesemir/testing/host-key-blob'
import type { ChefOptions } from './options.ts'
import { aNode } from './testing/a-node.ts'
import { aSpec } from '@vesemir/contract/testing'
import { impatientClock } from '@vesemir/testing/clocks'
import { serveHttp } from './testing/listen.ts'
import { startGoiardi, type Goiardi } from './testing/start-goiardi.ts'
import { freePort } from '@vesemir/process/free-port'

const recipes = (...names: string[]) => ({ automatic: { recipes: names } })

const nodes = [
  aNode('web1', {
    tags: ['web', 'eu'],
    automatic: { ipaddress: '10.0.0.1', roles: ['web'], recipes: ['app', 'app::web'] },
  }),
  aNode('web2', { tags: ['web', 'eu'], automatic: { ipaddress: '10.0.0.2', roles: ['web'] } }),
  aNode('web3', {
    tags: ['web', 'us'],
    automatic: { ipaddress: '10.0.0.3' },
    runList: ['role[web]', 'recipe[app::web]'],
  }),
  aNode('web-staging', { tags: ['web', 'eu'], environment: 'staging', automatic: { roles: ['web'] } }),
  aNode('web-refunds', { tags: ['web', 'eu'], application: 'refunds' }),
  aNode('web-other-team', { tags: ['web', 'eu'], team: 'growth' }),
  aNode('no-key', { tags: [], application: 'keyless', automatic: { keys: {} } }),
  aNode('no-address', { tags: [], application: 'lost', automatic: { ipaddress: 'ERROR: node has no address' } }),
  aNode('odd-application', { application: 'ERROR: payments' }),
  aNode('policy1', {
    environment: 'canary',
    application: 'policy',
    tags: [],
    automatic: { policy_name: 'web', policy_group: 'canary', recipes: ['app::web'] },
  }),
  aNode('db1', {
    application: 'db',
    tags: [],
    automatic: {
      cloud: { local_ipv4: '192.168.7.1' },
      gce: { instance: { zone: 'projects/7/zones/europe-west1-b' } },
      ssh: { port: 2222, user: 'chef' },
    },
  }),
  aNode('db2', { application: 'db', tags: [], automatic: { ohai_time: Date.now() / 1000 - 100 * 3600 } }),
  aNode('number1', { application: 2024, tags: [], team: 'core' }),
  aNode('addresses', {
    application: 'addresses',
    tags: [],
    automatic: {
      ipaddress: '10.9.0.1',
      cloud: { public_ipv4: null, public_ipv4_addrs: [] },
      network: { 'eth0.1': { addresses: ['10.9.0.7', '10.9.0.8'] } },
    },
  }),
  aNode('lb1', { application: 'lb', tags: ['haproxy', 'eu'], automatic: { roles: ['lb'], recipes: ['haproxy'] } }),
  aNode('lb2', { application: 'lb', tags: ['haproxy'], automatic: { roles: ['lb'], recipes: ['haproxy::default'] } }),
  aNode('lb3', { application: 'lb', tags: [], ...recipes('haproxy::edge', 'haproxy') }),
  aNode('lb4', { application: 'lb', tags: [], ...recipes('haproxy::edge') }),
  aNode('not-lb', { application: 'lb', tags: [], ...recipes('myhaproxy::edge', 'myhaproxy') }),
  aNode('lb-staging', {
    environment: 'staging',
    tags: ['haproxy'],
    automatic: { roles: ['lb'], recipes: ['haproxy'] },
  }),
]

let goiardi: Goiardi
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-inventory-'))
  goiardi = await startGoiardi({ nodes })
})
afterAll(async () => {
  await goiardi[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

type Options = Partial<z.input<typeof ChefOptions>>

function anInventory(options: Options = {}, clock = impatientClock()) {
  const { url: serverUrl, clientName, clientKey } = goiardi
  const parsed = InventoryOptions.parse({ kind: 'chef', serverUrl, clientName, clientKey, ...options })
  return createInventory(parsed, { ssh: { user: 'deploy', port: 22 }, clock, env: { HOME: folder } })
}

async function hostNames(hosts: ReturnType<typeof aSpec>['hosts'], options?: Options) {
  return (await anInventory(options).findHosts(aSpec({ hosts }))).hosts.map(({ name }) => name)
}

async function boxNames(selection: BoxSelection) {
  return (await anInventory().findBoxes(selection, aSpec())).hosts.map(({ name }) => name)
}

describe('hosts in Chef', () => {
  test('are those of the environment, application, team and every tag, with address and host key', async () => {
    const found = await anInventory().findHosts(aSpec({ hosts: { tags: ['web', 'eu'] } }))

    expect(found.warnings).toEqual([])
    expect(found.hosts).toEqual([
      {
        name: 'web1',
        address: '10.0.0.1',
        port: 22,
        user: 'deploy',
        hostKeys: [`ssh-ed25519 ${hostKeyBlob('ssh-ed25519', 'web1')}`],
      },
      expect.objectContaining({ name: 'web2', address: '10.0.0.2' }),
    ])
  })

  test.each(['1.3', '1.1', '1.0'] as const)('are found with requests signed by protocol %s', async (signing) => {
    expect(await hostNames({ tags: ['us'] }, { signing })).toEqual(['web3'])
  })

  test('are found through a credentials file', async () => {
    const { url, clientName, clientKey } = goiardi
    const credentialsFile = join(folder, 'credentials')
    await writeFile(
      credentialsFile,
      `[local]\nclient_name = "${clientName}"\nclient_key = "${clientKey}"\nchef_server_url = "${url}"\n`,
    )
    const options = InventoryOptions.parse({ kind: 'chef', credentialsFile, profile: 'local' })
    const deps = { ssh: { user: 'deploy', port: 22 }, clock: impatientClock(), env: {} }

    expect((await createInventory(options, deps).findHosts(aSpec({ hosts: { tags: ['us'] } }))).hosts).toHaveLength(1)
  })

  test.each([
    ['roles:web', ['web1', 'web2']],
    ['role:web', ['web3']],
    ['recipes:app\\:\\:web', ['web1']],
    ['recipe:app::web AND tags:us', ['web3']],
    ['application:refunds', ['web-refunds']],
    ['ipaddress:10.0.0.2', ['web2']],
    ['chef_environment:staging', []],
  ])('are those of the raw query %s, in the environment alone', async (query, expected) => {
    expect(await hostNames({ query })).toEqual(expected)
  })

  test.each(['tags:eu OR tags:us', 'NOT tags:us', 'tags:eu and tags:us', 'tags:web AND NOT tags:us', 'tags:e*'])(
    'are not asked for by %s, which goiardi would answer wrongly',
    async (query) => {
      await expect(hostNames({ query })).rejects.toMatchObject({ code: 'QUERY_INVALID' })
    },
  )

  test('are none when nothing matches', async () => {
    expect(await hostNames({ tags: ['web', 'antarctica'] })).toEqual([])
  })

  test('are all found, once each, though goiardi shuffles its pages', async () => {
    const all = await hostNames({ query: 'tags:web' })

    expect(all).toHaveLength(6)
    expect(await hostNames({ query: 'tags:web' }, { pageSize: 2 })).toEqual(all)
  })

  test('can be limited to some by name, and a name that is not there is an error', async () => {
    expect(await hostNames({ tags: ['web'], only: ['web3', 'web1'] })).toEqual(['web1', 'web3'])
    await expect(hostNames({ tags: ['eu'], only: ['web1', 'web3', 'web-staging'] })).rejects.toMatchObject({
      code: 'QUERY_INVALID',
      message: expect.stringContaining('web3, web-staging: not among the 2 hosts of payments in production') as string,
    })
  })

  test('of a policy group are those of the environment that is named as it', async () => {
    const findIn = async (query: string) => {
      const spec = aSpec({ environment: 'canary', hosts: { query } })
      return (await anInventory().findHosts(spec)).hosts.map(({ name }) => name)
    }

    expect(await findIn('policy_name:web AND policy_group:canary')).toEqual(['policy1'])
    expect(await findIn('policy_name:worker')).toEqual([])
  })

  test('are reached as the attributes say that are set', async () => {
    const attributes = {
      address: 'cloud.local_ipv4',
      sshPort: 'ssh.port',
      sshUser: 'ssh.user',
      zone: 'gce.instance.zone',
    }
    const spec = aSpec({ application: 'db', hosts: { query: 'name:db1' } })

    expect((await anInventory({ attributes }).findHosts(spec)).hosts).toMatchObject([
      { name: 'db1', address: '192.168.7.1', port: 2222, user: 'chef', zone: 'europe-west1-b' },
    ])
  })

  test.each([
    [['cloud.public_ipv4', 'ipaddress'], '10.9.0.1'],
    [['cloud.public_ipv4_addrs.0', 'nowhere', 'ipaddress'], '10.9.0.1'],
    [[['network', 'eth0.1', 'addresses', '1']], '10.9.0.8'],
  ])('are reached at the first address that they have of %j', async (address, expected) => {
    const found = await anInventory({ attributes: { address } }).findHosts(aSpec({ application: 'addresses' }))

    expect(found.hosts).toMatchObject([{ name: 'addresses', address: expected }])
  })

  test('without an address say all places in which none was', async () => {
    const attributes = { address: ['cloud.public_ipv4', 'cloud.local_ipv4'] }

    await expect(anInventory({ attributes }).findHosts(aSpec({ application: 'addresses' }))).rejects.toMatchObject({
      code: 'HOST_UNUSABLE',
      message:
        '"addresses" cannot be used as Chef knows it: cloud.public_ipv4 or cloud.local_ipv4 is null, not an address',
    })
  })

  test('are found by a number where a text is expected', async () => {
    expect(await hostNames({ query: 'application:2024' })).toEqual(['number1'])
    expect((await anInventory().findHosts(aSpec({ application: '2024' }))).hosts).toMatchObject([{ name: 'number1' }])
  })

  test('that have not checked in for long are reported, skipped or refused; a box is not skipped', async () => {
    const found = (onStale?: ChefOptions['onStale']) =>
      anInventory(onStale ? { onStale } : {}).findHosts(aSpec({ application: 'db' }))
    const words = expect.stringContaining('chef-client has not run for long: db2 (4 days ago)') as string

    expect(await found()).toMatchObject({ hosts: [{ name: 'db1' }, { name: 'db2' }], warnings: [words] })
    expect(await found('skip')).toMatchObject({ hosts: [{ name: 'db1' }], warnings: [words] })
    await expect(found('refuse')).rejects.toMatchObject({ code: 'HOST_STALE', message: words })
    expect(await anInventory({ onStale: 'skip' }).findBoxes({ names: ['db2'] }, aSpec())).toMatchObject({
      hosts: [{ name: 'db2' }],
      warnings: [words],
    })
  })

  test('need a host key, from Chef or from known_hosts', async () => {
    const spec = aSpec({ application: 'keyless' })
    const knownHosts = join(folder, 'known_hosts')
    const key = `ssh-ed25519 ${hostKeyBlob('ssh-ed25519', 'no-key')}`
    await writeFile(knownHosts, `no-key ${key}\n`)

    await expect(anInventory().findHosts(spec)).rejects.toMatchObject({
      code: 'HOST_KEY_MISSING',
      message: 'no-key has no SSH host key, neither in Chef (keys.ssh) nor in known_hosts',
    })
    expect(await anInventory({ knownHosts }).findHosts(spec)).toMatchObject({
      hosts: [{ name: 'no-key', hostKeys: [key] }],
    })
  })

  test('need an address: the text of an error is none', async () => {
    await expect(anInventory().findHosts(aSpec({ application: 'lost' }))).rejects.toMatchObject({
      code: 'HOST_UNUSABLE',
      message: expect.stringContaining('"no-address" cannot be used as Chef knows it: ipaddress is "ERROR') as string,
    })
  })
})

test('each cluster asks its own Chef server, as its own client', async () => {
  await using other = await startGoiardi({ nodes: [aNode('web-elsewhere')] })
  const { url: serverUrl, clientName, clientKey } = other

  const [here, there] = await Promise.all([
    anInventory().findHosts(aSpec({ hosts: { tags: ['us'] } })),
    anInventory({ serverUrl, clientName, clientKey }).findHosts(aSpec()),
  ])

  expect([here, there].map(({ hosts }) => hosts.map(({ name }) => name))).toEqual([['web3'], ['web-elsewhere']])
  await expect(hostNames({}, { serverUrl })).rejects.toMatchObject({ code: 'INVENTORY_REFUSED' })
})

describe('boxes in Chef', () => {
  test.each<[BoxSelection, string[]]>([
    [{ tags: ['haproxy'] }, ['lb1', 'lb2']],
    [{ tags: ['haproxy', 'eu'] }, ['lb1']],
    [{ role: 'lb' }, ['lb1', 'lb2']],
    [{ cookbook: 'haproxy' }, ['lb1', 'lb2', 'lb3', 'lb4']],
    [{ cookbook: 'haproxy', recipe: 'edge' }, ['lb3', 'lb4']],
    [{ cookbook: 'haproxy', recipe: 'default' }, ['lb1', 'lb2', 'lb3']],
    [{ names: ['lb4', 'lb2'] }, ['lb2', 'lb4']],
    [{ tags: ['nothing'] }, []],
  ])('are found by %j', async (selection, expected) => {
    expect(await boxNames(selection)).toEqual(expected)
  })

  test('that are named must all be there: one left out would go on sending traffic', async () => {
    await expect(boxNames({ names: ['lb1', 'lb-staging', 'lb9'] })).rejects.toMatchObject({
      code: 'QUERY_INVALID',
      details: { missing: ['lb-staging', 'lb9'] },
    })
    await expect(boxNames({ names: ['lb1', 'lb4'], tags: ['haproxy'] })).rejects.toMatchObject({
      details: { missing: ['lb4'] },
    })
  })
})

describe('a Chef server that does not help', () => {
  const asked = { name: 'web1', environment: 'production', application: 'payments', team: 'core', tags: ['web', 'eu'] }
  const reach = { address: '10.0.0.1', ohaiTime: Date.now() / 1000, ed25519: hostKeyBlob('ssh-ed25519', 'web1') }
  const answering = (rows: Record<string, unknown>[], total = rows.length) =>
    serveHttp((_, response) => response.end(JSON.stringify({ total, rows: rows.map((data) => ({ url: '', data })) })))

  test('answers with machines that were not asked for: none of them counts, and each is named', async () => {
    const others = [
      { name: 'other-environment', environment: 'staging' },
      { name: 'other-application', application: 'refunds' },
      { name: 'other-team', team: 'growth' },
      { name: 'other-tags', tags: ['web'] },
    ]
    await using server = await answering([{}, ...others].map((other) => ({ ...asked, ...reach, ...other })))

    const found = await anInventory({ serverUrl: server.url }).findHosts(aSpec({ hosts: { tags: ['web', 'eu'] } }))

    expect(found.hosts).toMatchObject([{ name: 'web1' }])
    expect(found.warnings).toEqual([
      'Chef finds other-environment by chef_environment:production, but its node has chef_environment ["staging"]: it is left out',
      'Chef finds other-application by application:payments, but its node has application ["refunds"]: it is left out',
      'Chef finds other-team by team:core, but its node has team ["growth"]: it is left out',
      'Chef finds other-tags by tags:eu, but its node has tags ["web"]: it is left out',
    ])
  })

  test('answers with a box that says otherwise of itself: the plan stops, and names it', async () => {
    const lb1 = { ...asked, ...reach, name: 'lb1', tags: ['lb'] }
    await using server = await answering([lb1, { ...lb1, name: 'lb2', environment: 'staging' }])

    const found = anInventory({ serverUrl: server.url }).findBoxes({ tags: ['lb'] }, aSpec())

    await expect(found).rejects.toMatchObject({
      code: 'INVENTORY_INCOMPLETE',
      message: 'Chef finds lb2 by chef_environment:production, but its node has chef_environment ["staging"]',
    })
  })

  test('finds a node by an attribute that it does not show: the node is used, with a warning that names it', async () => {
    await using server = await answering([{ ...asked, ...reach, team: null }])

    expect(await anInventory({ serverUrl: server.url }).findHosts(aSpec())).toMatchObject({
      hosts: [{ name: 'web1' }],
      warnings: ['Chef finds web1 by team:core, which its node does not have; the host is used anyway'],
    })
  })

  test('shows fewer nodes than it finds, as with strict_search_result_acls', async () => {
    await using server = await answering([{ ...asked, ...reach }], 2)

    await expect(hostNames({}, { serverUrl: server.url })).rejects.toMatchObject({
      code: 'INVENTORY_INCOMPLETE',
      message: expect.stringContaining('shows 1 of the 2 nodes') as string,
    })
  })

  test('refuses a key that is not the client’s', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const clientKey = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string

    await expect(hostNames({}, { clientKey })).rejects.toMatchObject({
      code: 'INVENTORY_REFUSED',
      message: expect.stringContaining('refuses the signature of the client "vesemir"') as string,
    })
  })

  test('refuses a client that it does not know, in its own words', async () => {
    await expect(hostNames({}, { clientName: 'nobody' })).rejects.toMatchObject({
      code: 'INVENTORY_REFUSED',
      message: expect.stringContaining("Failed to authenticate as 'nobody'") as string,
    })
  })

  test('refuses a signature from a clock that is 20 minutes off', async () => {
    const clock = impatientClock({ aheadMs: 20 * 60_000 })

    await expect(anInventory({}, clock).findHosts(aSpec())).rejects.toMatchObject({
      code: 'INVENTORY_REFUSED',
      message: expect.stringContaining("20 minutes ahead of the Chef server's, and Chef allows 15") as string,
    })
  })

  test('has no organisations and answers 200 all the same', async () => {
    const serverUrl = `${goiardi.url}/organizations/shop`

    await expect(hostNames({}, { serverUrl })).rejects.toMatchObject({
      code: 'INVENTORY_ANSWER_INVALID',
      message: `${serverUrl}/search/node answers 200 with something other than JSON: there is no organisation "shop", or it is not the API of a Chef server`,
    })
  })

  test('is down', async () => {
    const serverUrl = `http://127.0.0.1:${await freePort()}`

    await expect(hostNames({}, { serverUrl })).rejects.toMatchObject({ code: 'INVENTORY_UNREACHABLE' })
  })
})
