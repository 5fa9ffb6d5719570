import { createInventory, InventoryOptions } from '../index.ts'
import { realClock } from '@vesemir/testing/clocks'
import { describeInventory } from '../testing/describe-inventory.ts'
import { aNode } from './testing/a-node.ts'
import { startGoiardi } from './testing/start-goiardi.ts'

describeInventory('chef', async (machines) => {
  const nodes = machines.map(({ name, address: ipaddress, zone, hostKey, ...parts }) => {
    const keys = hostKey === undefined ? {} : { ssh: { host_ed25519_public: hostKey.split(' ')[1] } }
    return aNode(name, { ...parts, automatic: { ipaddress, keys, cloud: { zone } } })
  })
  const { url: serverUrl, clientName, clientKey, ...goiardi } = await startGoiardi({ nodes })
  const attributes = { zone: 'cloud.zone' }
  const options = InventoryOptions.parse({ kind: 'chef', serverUrl, clientName, clientKey, attributes })
  return { ...goiardi, inventory: createInventory(options, { ssh: { user: 'deploy', port: 22 }, clock: realClock }) }
})
