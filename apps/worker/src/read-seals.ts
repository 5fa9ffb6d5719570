import { readKey, type KeySource } from '@vesemir/process/keys'
import { readAll } from '@vesemir/process/settings'
import { createWorkerSeals, noSeals, type Seals } from '@vesemir/store/seal'
import type { WorkerConfig } from './config.ts'

/** Reads the keys that the settings name. @throws {VesemirError} `CONFIG_INVALID` */
export async function readSeals({ orders }: Pick<WorkerConfig, 'orders'>, env: NodeJS.ProcessEnv): Promise<Seals> {
  if (orders === 'unsigned') return noSeals
  const read = (sources: readonly KeySource[]) => readAll(sources.map((source) => readKey(source, env)))
  const [publicKeys, recordKeys] = await readAll([read(orders.publicKeys), read(orders.recordKeys)])
  return createWorkerSeals({ publicKeys, recordKeys })
}
