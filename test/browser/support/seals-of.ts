import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { testSeals } from '@vesemir/store/seal/testing'
import { vesemirKeys } from '../../../infra/fleet/fleet-state.ts'
import type { System } from '../../support/start-system.ts'

/** Returns the seals of the fleet's API and workers, for a test that writes records as they do. */
export async function sealsOf({ fleet }: System) {
  const read = (name: string) => readFile(join(vesemirKeys(fleet), name), 'utf8')
  const [key, publicKey, recordKey] = await Promise.all(['orders.key', 'orders.pub', 'record.key'].map(read))
  return testSeals({ key: key!, publicKey: publicKey!, recordKey: recordKey! }).both
}
