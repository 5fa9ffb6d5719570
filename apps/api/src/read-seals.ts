import { readKey, type KeySource } from '@vesemir/process/keys'
import { readAll } from '@vesemir/process/settings'
import { createApiSeals, noSeals, type Seals } from '@vesemir/store/seal'
import type { ApiConfig } from './config.ts'

/** Reads the keys that the settings name. @throws {VesemirError} `CONFIG_INVALID` */
export async function readSeals({ orders }: Pick<ApiConfig, 'orders'>, env: NodeJS.ProcessEnv): Promise<Seals> {
  if (orders === 'unsigned') return noSeals
  const read = (sources: readonly KeySource[]) => readAll(sources.map((source) => readKey(source, env)))
  const [key, otherKeys, recordPublicKeys] = await readAll([
    readKey(orders.key, env),
    read(orders.otherKeys),
    read(orders.recordPublicKeys),
  ])
  return createApiSeals({ key, otherKeys, recordPublicKeys })
}
