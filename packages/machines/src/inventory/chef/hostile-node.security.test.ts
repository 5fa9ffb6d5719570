import { aSpec } from '@vesemir/contract/testing'
import { impatientClock } from '@vesemir/testing/clocks'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createInventory, InventoryOptions, MachinePins, pinMachines } from '../index.ts'
import { aNode, type GoiardiNode } from './testing/a-node.ts'
import { startGoiardi, type Goiardi } from './testing/start-goiardi.ts'

const evil = aNode('evil', { application: 'blog', team: 'blog', tags: [] })
const nodes = [
  aNode('web1', { automatic: { ipaddress: '10.1.0.1' } }),
  aNode('lb1', { application: 'lb', tags: ['haproxy'], automatic: { ipaddress: '10.2.0.1' } }),
  evil,
]

let goiardi: Goiardi
beforeAll(async () => {
  goiardi = await startGoiardi({ nodes })
})
afterAll(() => goiardi[Symbol.asyncDispose]())

const payments = aSpec({ hosts: { tags: ['web'] } })
const boxes = { tags: ['haproxy'] }

function anInventory(pins: object) {
  const { url: serverUrl, clientName, clientKey } = goiardi
  const options = InventoryOptions.parse({ kind: 'chef', serverUrl, clientName, clientKey })
  const inventory = createInventory(options, { ssh: { user: 'deploy', port: 22 }, clock: impatientClock() })
  return pinMachines(inventory, MachinePins.parse(pins))
}

/** Has the machine say something of itself, with the key that its own chef-client signs with. */
async function sayOfItself(changes: Parameters<typeof aNode>[1]): Promise<GoiardiNode> {
  const node = await goiardi.clientOf('evil')
  const body = aNode('evil', changes)
  await node.request({ method: 'PUT', path: '/nodes/evil', body })
  return body
}

it('a machine that declares itself a load balancer is refused by name', async () => {
  await sayOfItself({ application: 'lb', tags: ['haproxy'], automatic: { ipaddress: '10.2.0.9' } })
  const find = (pins: object) => anInventory(pins).findBoxes(boxes, payments)

  // Without pins Chef is believed.
  await expect.poll(async () => (await find({})).hosts.map(({ name }) => name)).toEqual(['evil', 'lb1'])
  const refusal = { code: 'MACHINE_REFUSED', message: expect.stringContaining('evil, by its name') as string }
  await expect(find({ boxes: { names: ['lb1'] } })).rejects.toMatchObject(refusal)
  await expect(find({ boxes: { addresses: ['10.2.0.1', '10.2.1.0/24'] } })).rejects.toMatchObject({
    message: expect.stringContaining('evil, by its address 10.2.0.9') as string,
  })
})

it("a machine that becomes a host of another team's application is refused by name", async () => {
  await sayOfItself({ application: 'payments', team: 'core', tags: ['web'], automatic: { ipaddress: '10.9.0.1' } })
  const find = (pins: object) => anInventory(pins).findHosts(payments)

  await expect.poll(async () => (await find({})).hosts.map(({ name }) => name)).toEqual(['evil', 'web1'])
  await expect(find({ hosts: { names: ['web*'] } })).rejects.toMatchObject({ code: 'MACHINE_REFUSED' })
  await expect(find({ hosts: { addresses: ['10.1.0.0/16'] } })).rejects.toMatchObject({ code: 'MACHINE_REFUSED' })
  await expect(find({ hosts: { addresses: ['10.0.0.0/8'] } })).resolves.toMatchObject({ warnings: [] })
})

it('a box is never a host, whatever a request asks for', async () => {
  const spec = aSpec({ hosts: { query: 'tags:haproxy AND name:lb1' } })

  await expect(anInventory({ boxes: { names: ['lb1'] } }).findHosts(spec)).rejects.toMatchObject({
    code: 'MACHINE_REFUSED',
    message: expect.stringContaining('lb1') as string,
  })
})

it.each(['169.254.169.254', 'fe80::1', 'fd00:ec2::254', '100.100.100.200', '168.63.129.16'])(
  'a machine that gives itself the address %s is refused, as host and as box, without any pin',
  async (ipaddress) => {
    await sayOfItself({ application: 'payments', team: 'core', tags: ['web', 'haproxy'], automatic: { ipaddress } })

    const refusal = { code: 'HOST_UNUSABLE', message: expect.stringContaining(ipaddress) as string }
    await expect.poll(() => failureOf(anInventory({}).findHosts(payments))).toMatchObject(refusal)
    await expect.poll(() => failureOf(anInventory({}).findBoxes(boxes, payments))).toMatchObject(refusal)
  },
)

function failureOf(found: Promise<unknown>): Promise<unknown> {
  return found.then(
    () => undefined,
    (error: unknown) => error,
  )
}
