import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInventory, InventoryOptions } from '../index.ts'
import { realClock } from '@vesemir/testing/clocks'
import { describeInventory } from '../testing/describe-inventory.ts'

describeInventory('command', async (machines) => {
  const folder = await mkdtemp(join(tmpdir(), 'vesemir-command-'))
  const path = join(folder, 'listing.json')
  const hostvars = Object.fromEntries(
    machines.map(({ name, address, hostKey, ...variables }) => [
      name,
      { ...variables, ansible_host: address, host_keys: hostKey },
    ]),
  )
  await writeFile(path, JSON.stringify({ _meta: { hostvars } }))
  const options = InventoryOptions.parse({ kind: 'command', command: ['cat', path] })
  return {
    inventory: createInventory(options, { ssh: { user: 'deploy', port: 22 }, clock: realClock }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
})
