import type { HostTarget } from '@vesemir/contract'
import { aSpec } from '@vesemir/contract/testing'
import { expect, test } from 'vitest'
import { MachinePins, pinMachines } from './pin-machines.ts'

const host = (name: string, address: string): HostTarget => ({ name, address, port: 22, user: 'deploy', hostKeys: [] })

function find(pins: object, targets: HostTarget[], groups: Record<string, string[]> = {}) {
  const found = async () => ({ hosts: targets, warnings: [], groups })
  const inventory = pinMachines({ findHosts: found, findBoxes: found }, MachinePins.parse(pins))
  const asked = [inventory.findHosts(aSpec()), inventory.findBoxes({ tags: ['lb'] }, aSpec())]
  return Promise.all(
    asked.map((each) =>
      each.then(
        () => 'found',
        ({ message }: Error) => message,
      ),
    ),
  )
}

test.each<[object, HostTarget, string[]]>([
  [{ hosts: { names: ['web-*'] } }, host('web-1', '10.0.0.1'), ['found', 'found']],
  [{ hosts: { names: ['web-*'] } }, host('db-1', '10.0.0.1'), ['db-1, by its name', 'found']],
  [
    { boxes: { addresses: ['10.0.0.0/24', '2001:db8::1'] } },
    host('lb-1', '10.0.1.1'),
    ['found', 'lb-1, by its address'],
  ],
  [{ boxes: { addresses: ['10.0.0.0/24', '2001:db8::1'] } }, host('lb-1', '2001:db8::1'), ['found', 'found']],
  [{ hosts: { addresses: ['10.0.0.0/8'] } }, host('web-1', 'web-1.example'), ['by its address web-1.example', 'found']],
  [{ hosts: { groups: ['payments'] } }, host('web-1', '10.0.0.1'), ['by its groups', 'found']],
  [{ boxes: { names: ['lb-*'] } }, host('lb-1', '10.0.0.1'), ['not as hosts: lb-1', 'found']],
])('with the pins %j, %o as host and as box is %j', async (pins, target, [asHost, asBox]) => {
  const [first, second] = await find(pins, [target])

  expect(first).toContain(asHost)
  expect(second).toContain(asBox)
})

test('a machine in one of the groups is taken, and one that is refused is named among many', async () => {
  const groups = { 'web-1': ['web', 'payments'], 'web-2': ['web'] }
  const targets = [host('web-1', '10.0.0.1'), host('web-2', '10.0.0.2')]

  const [message] = await find({ hosts: { groups: ['payments'] } }, targets, groups)

  expect(message).toContain('web-2, by its groups')
  expect(message).not.toContain('web-1')
})
