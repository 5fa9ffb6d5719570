import type { DeploymentSpec } from '@vesemir/contract'
import { isVesemirError, type Inventory } from '@vesemir/core'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createInventory, InventoryOptions } from '../index.ts'
import { aSpec } from '@vesemir/contract/testing'
import { realClock } from '@vesemir/testing/clocks'
import { aNode } from './testing/a-node.ts'
import { startGoiardi, type Goiardi } from './testing/start-goiardi.ts'

// Every value that reaches a Chef query, before a real parser of them. What the schemas turn down is tried all the same.

let goiardi: Goiardi
let inventory: Inventory
beforeAll(async () => {
  const other = { environment: 'staging', application: 'billing', team: 'money', tags: ['db'] }
  const nodes = [aNode('web-1'), aNode('db-1', other), aNode('lb-1', { tags: ['haproxy'], application: 'lb' })]
  goiardi = await startGoiardi({ nodes })
  const { url: serverUrl, clientName, clientKey } = goiardi
  const options = InventoryOptions.parse({ kind: 'chef', serverUrl, clientName, clientKey })
  inventory = createInventory(options, { ssh: { user: 'deploy', port: 22 }, clock: realClock })
})
afterAll(async () => {
  await goiardi[Symbol.asyncDispose]()
})

const pieces = [
  'web',
  'db',
  ':',
  '*',
  '?',
  ' OR ',
  ' AND ',
  'NOT ',
  '(',
  ')',
  '"',
  '\\',
  '%20',
  '%3A',
  '+',
  '[',
  ' TO ',
  ']',
  '~',
  '-',
  'name:',
  'tags:db',
  '\n',
  '\0',
  'é',
]
const hostile = fc.oneof(
  {
    arbitrary: fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 5 }).map((some) => some.join('')),
    weight: 3,
  },
  { arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }), weight: 1 },
)

async function namesOf(found: Promise<{ hosts: { name: string }[] }>): Promise<string[]> {
  try {
    return (await found).hosts.map(({ name }) => name)
  } catch (error) {
    if (isVesemirError(error, 'QUERY_INVALID')) return []
    throw error
  }
}

describe('a hostile value', () => {
  test.each<[string, (value: string) => Partial<DeploymentSpec>]>([
    ['a tag', (value) => ({ hosts: { tags: [value] } })],
    ['an application', (application) => ({ application })],
    ['a team', (team) => ({ team })],
    ['an environment', (environment) => ({ environment })],
    ['a query', (query) => ({ hosts: { query } })],
  ])('of %s finds no host of another application, team or environment', async (_, part) => {
    await fc.assert(
      fc.asyncProperty(hostile, async (value) => {
        const names = await namesOf(inventory.findHosts({ ...aSpec(), ...part(value) }))

        expect(names.filter((name) => name !== 'web-1')).toEqual([])
      }),
      { numRuns: 25 },
    )
  })

  test.each(['role', 'cookbook', 'recipe'])('of a box’s %s finds none', async (part) => {
    await fc.assert(
      fc.asyncProperty(hostile, async (value) => {
        const selection = { ...(part === 'recipe' ? { cookbook: 'haproxy' } : {}), [part]: value }

        expect(await namesOf(inventory.findBoxes(selection, aSpec()))).toEqual([])
      }),
      { numRuns: 25 },
    )
  })
})
