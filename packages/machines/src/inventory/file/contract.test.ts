import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { createInventory, InventoryOptions } from '../index.ts'
import { realClock } from '@vesemir/testing/clocks'
import { describeInventory, type Machine } from '../testing/describe-inventory.ts'

const writers: [string, string, (machine: Machine[]) => string][] = [
  [
    'YAML',
    'hosts.yml',
    (machines) =>
      stringify({
        all: {
          hosts: Object.fromEntries(
            machines.map(({ name, address, hostKey, ...variables }) => [
              name,
              { ...variables, ansible_host: address, host_keys: hostKey },
            ]),
          ),
        },
      }),
  ],
  [
    'INI',
    'hosts',
    (machines) =>
      machines
        .flatMap(({ name, address, environment, application, team, tags, zone, hostKey }) => [
          `[${environment}]\n${name} ansible_host=${address} application=${application} team=${team} zone=${zone}`,
          ...(hostKey === undefined ? [] : [`${name} host_keys="${hostKey}"`]),
          ...tags.map((tag) => `[${tag}]\n${name}`),
        ])
        .join('\n'),
  ],
]

for (const [format, file, write] of writers)
  describeInventory(`file (${format})`, async (machines) => {
    const folder = await mkdtemp(join(tmpdir(), 'vesemir-file-'))
    const path = join(folder, file)
    await writeFile(path, write([...machines]))
    const options = InventoryOptions.parse({ kind: 'file', path })
    return {
      inventory: createInventory(options, { ssh: { user: 'deploy', port: 22 }, clock: realClock }),
      [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
    }
  })
