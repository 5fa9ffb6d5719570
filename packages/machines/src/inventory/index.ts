import type { Inventory } from '@vesemir/core'
import { z } from 'zod'
import { chefInventory } from './chef/chef-inventory.ts'
import { commandInventory } from './command/command-inventory.ts'
import type { InventoryDeps } from './deps.ts'
import { fileInventory } from './file/file-inventory.ts'

/** Every inventory there is, one line each. */
const inventories = { chef: chefInventory, file: fileInventory, command: commandInventory }

type Schema = (typeof inventories)[keyof typeof inventories]['options']

const kinds = Object.keys(inventories).join(', ')
const schemas = Object.values(inventories).map(({ options }) => options) as [Schema, ...Schema[]]

/** An inventory's settings; `kind` says which inventory is meant. */
export const InventoryOptions = z.discriminatedUnion('kind', schemas, {
  error: ({ code, input }) => (code === 'invalid_union' ? unknownInventory(input as { kind?: unknown }) : undefined),
})
export type InventoryOptions = z.infer<typeof InventoryOptions>

/** Creates the inventory that the options name. It connects to nothing yet. */
export function createInventory(options: InventoryOptions, deps: InventoryDeps): Inventory {
  const inventory: { create(options: InventoryOptions, deps: InventoryDeps): Inventory } = inventories[options.kind]
  return inventory.create(options, deps)
}

function unknownInventory({ kind }: { kind?: unknown }): string {
  return `unknown inventory ${JSON.stringify(kind)}, expected one of ${kinds}`
}

export { MachinePins, pinMachines } from './pin-machines.ts'
export type { InventoryDeps }
