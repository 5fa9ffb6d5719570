import { describe, expect, test } from 'vitest'
import { InventoryOptions } from './index.ts'

const problems = (options: unknown) => InventoryOptions.safeParse(options).error?.issues.map(({ message }) => message)

describe('InventoryOptions', () => {
  test('fills in what is not given', () => {
    expect(InventoryOptions.parse({ kind: 'chef' })).toEqual({
      kind: 'chef',
      signing: '1.3',
      timeout: '10s',
      pageSize: 1000,
      staleAfter: '24h',
      onStale: 'tell',
      attributes: { application: ['application'], team: ['team'], address: [['ipaddress']] },
    })
  })

  test('takes an attribute as dotted text, several as a list, and one whose keys have dots as a list of keys', () => {
    const attributes = {
      address: ['cloud.public_ipv4', 'ipaddress'],
      sshPort: [['network', 'eth0.1', 'port']],
      zone: 'cloud.zone',
    }

    expect(InventoryOptions.parse({ kind: 'chef', attributes })).toMatchObject({
      attributes: {
        address: [['cloud', 'public_ipv4'], ['ipaddress']],
        sshPort: [['network', 'eth0.1', 'port']],
        zone: [['cloud', 'zone']],
      },
    })
  })

  test.each([
    [{ kind: 'puppet' }, 'unknown inventory "puppet", expected one of chef, file, command'],
    [{}, 'unknown inventory undefined, expected one of chef, file, command'],
    [{ kind: 'command', command: 'ansible-inventory --list' }, 'expected array'],
    [{ kind: 'chef', url: 'x' }, 'Unrecognized key: "url"'],
    [{ kind: 'chef', attributes: { team: 'team OR x' } }, 'must be attribute names of letters, digits, "_" and "-"'],
    [{ kind: 'chef', serverUrl: 'chef.example' }, 'must be the http(s) URL of a Chef server'],
    [{ kind: 'chef', serverUrl: 'https://me:pw@chef.example' }, 'must be the http(s) URL of a Chef server'],
  ])('refuses %j', (options, message) => {
    expect(problems(options)).toEqual([expect.stringContaining(message)])
  })
})
