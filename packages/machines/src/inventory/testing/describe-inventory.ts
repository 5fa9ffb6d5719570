import type { BoxSelection, DeploymentSpec } from '@vesemir/contract'
import type { Inventory } from '@vesemir/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hostKeyBlob } from '@vesemir/testing/host-key-blob'
import { aSpec } from '@vesemir/contract/testing'

/** A machine as the suite wants an inventory to know it. */
export interface Machine {
  name: string
  address: string
  environment: string
  application: string
  team: string
  tags: string[]
  zone: string
  hostKey: string | undefined
}

export interface Filled extends AsyncDisposable {
  inventory: Inventory
}

function aMachine(name: string, parts: Partial<Machine> = {}): Machine {
  const known = { environment: 'production', application: 'payments', team: 'core', tags: ['web'], zone: 'eu-a' }
  const hostKey = `ssh-ed25519 ${hostKeyBlob('ssh-ed25519', name)}`
  return { name, address: '', ...known, hostKey, ...parts }
}

const machines = unlikeAddresses([
  aMachine('web3', { tags: ['web', 'us'], zone: 'us-a' }),
  aMachine('web1', { tags: ['web', 'eu'] }),
  aMachine('web2', { tags: ['web', 'eu', 'canary'], address: '10.0.0.2' }),
  aMachine('web-staging', { environment: 'staging' }),
  aMachine('web-refunds', { application: 'refunds' }),
  aMachine('web-growth', { team: 'growth' }),
  aMachine('keyless', { application: 'keyless', hostKey: undefined }),
  aMachine('lb2', { application: 'edge', tags: ['lb'] }),
  aMachine('lb1', { application: 'edge', tags: ['lb', 'eu'] }),
  aMachine('lb-staging', { application: 'edge', environment: 'staging', tags: ['lb'] }),
  aMachine('twin1', { application: 'twins', address: '2001:db8::1' }),
  aMachine('twin2', { application: 'twins', address: '2001:DB8:0:0::1' }),
  aMachine('unreachable', { application: 'unreachable', address: 'fe80::1' }),
])

function unlikeAddresses(all: readonly Machine[]): Machine[] {
  return all.map((machine, index) => ({ ...machine, address: machine.address || `10.0.1.${index}` }))
}

/**
 * What every inventory must do. `fill` makes one that knows the machines, where a host whose description says nothing of it is
 * reached as `deploy` at port 22.
 */
export function describeInventory(name: string, fill: (machines: readonly Machine[]) => Promise<Filled>): void {
  describe(`the inventory ${name}`, () => {
    let filled: Filled
    beforeAll(async () => {
      filled = await fill(machines)
    })
    afterAll(() => filled[Symbol.asyncDispose]())

    const hosts = async (selection: DeploymentSpec['hosts'] = {}) => {
      const found = await filled.inventory.findHosts(aSpec({ hosts: selection }))
      return found.hosts.map((host) => host.name)
    }
    const boxes = async (selection: BoxSelection) => {
      const found = await filled.inventory.findBoxes(selection, aSpec())
      return found.hosts.map((box) => box.name)
    }

    test('gives the hosts of environment, application and team, by name, and how each is reached', async () => {
      const found = await filled.inventory.findHosts(aSpec())

      expect(found.warnings).toEqual([])
      expect(found.hosts.map((host) => host.name)).toEqual(['web1', 'web2', 'web3'])
      expect(found.hosts[1]).toEqual({
        name: 'web2',
        address: '10.0.0.2',
        port: 22,
        user: 'deploy',
        zone: 'eu-a',
        hostKeys: [machines.find((machine) => machine.name === 'web2')?.hostKey],
      })
    })

    test.each([
      [{ tags: ['eu'] }, ['web1', 'web2']],
      [{ tags: ['eu', 'canary'] }, ['web2']],
      [{ tags: ['nowhere'] }, []],
      [{ query: 'tags:us' }, ['web3']],
      [{ query: 'tags:web AND name:web-growth' }, ['web-growth']],
      [{ query: 'name:web-staging' }, []],
      [{ only: ['web3', 'web1'] }, ['web1', 'web3']],
    ])('chooses hosts by %j', async (selection, expected) => {
      expect(await hosts(selection)).toEqual(expected)
    })

    test('refuses to leave out a host that is named', async () => {
      await expect(hosts({ tags: ['eu'], only: ['web1', 'web3'] })).rejects.toMatchObject({
        code: 'QUERY_INVALID',
        details: { missing: ['web3'] },
      })
    })

    test.each(['tags:eu OR tags:us', 'NOT tags:us', 'tags:web and tags:us', '(tags:eu)', '-tags:eu', 'tags'])(
      'refuses the query %s rather than take it for another',
      async (query) => {
        await expect(hosts({ query })).rejects.toMatchObject({ code: 'QUERY_INVALID' })
      },
    )

    test('refuses a host without a key, and names it', async () => {
      await expect(filled.inventory.findHosts(aSpec({ application: 'keyless' }))).rejects.toMatchObject({
        code: 'HOST_KEY_MISSING',
        details: { hosts: ['keyless'] },
      })
    })

    test('refuses two names of one machine, and says both', async () => {
      await expect(filled.inventory.findHosts(aSpec({ application: 'twins' }))).rejects.toMatchObject({
        code: 'HOST_DUPLICATE',
        details: { hosts: ['twin1', 'twin2'] },
      })
    })

    test('refuses an address at which no other machine can be reached', async () => {
      await expect(filled.inventory.findHosts(aSpec({ application: 'unreachable' }))).rejects.toMatchObject({
        code: 'HOST_UNUSABLE',
        details: { hosts: ['unreachable'] },
      })
    })

    test('says what was searched for and where, for the error when it finds none', async () => {
      const { hosts: none, searched } = await filled.inventory.findHosts(aSpec({ application: 'unheard-of' }))

      expect(none).toEqual([])
      expect(searched).toMatch(/production.*unheard-of.*core/)
    })

    test.each([
      [{ tags: ['lb'] }, ['lb1', 'lb2']],
      [{ tags: ['lb', 'eu'] }, ['lb1']],
      [{ names: ['lb2', 'lb1'] }, ['lb1', 'lb2']],
      [{ names: ['lb2'], tags: ['lb'] }, ['lb2']],
      [{ tags: ['nowhere'] }, []],
      [{ tags: ['lb'], environment: 'staging' }, ['lb-staging']],
      [{ names: ['lb-staging'], environment: 'staging' }, ['lb-staging']],
    ])('finds boxes of the environment, or of the one that is named, by %j', async (selection, expected) => {
      expect(await boxes(selection)).toEqual(expected)
    })

    test('refuses to leave out a box that is named', async () => {
      await expect(boxes({ names: ['lb1', 'lb-staging'] })).rejects.toMatchObject({
        code: 'QUERY_INVALID',
        details: { missing: ['lb-staging'] },
      })
      await expect(boxes({ names: ['lb1', 'lb2'], tags: ['eu'] })).rejects.toMatchObject({ code: 'QUERY_INVALID' })
    })
  })
}
