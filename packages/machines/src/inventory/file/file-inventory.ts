import type { Inventory } from '@vesemir/core'
import { createAnsibleInventory } from '../ansible/find-hosts.ts'
import type { InventoryDeps } from '../deps.ts'
import { FileOptions } from './options.ts'
import { readInventoryFile } from './read-inventory-file.ts'

/** The inventory that a file is. It is an Ansible inventory, so that one that is there can be used as it is. */
export const fileInventory = { options: FileOptions, create: createFileInventory }

function createFileInventory({ path, variables, knownHosts }: FileOptions, deps: InventoryDeps): Inventory {
  const read = async () => ({ hosts: await readInventoryFile(path), warnings: [] })
  return createAnsibleInventory({ name: path, variables, knownHosts, read }, deps)
}
