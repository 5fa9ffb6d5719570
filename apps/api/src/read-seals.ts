import { readKey, type KeySource } from '@vesemir/process/keys'
import { createApiSeals, noSeals, type Seals } from '@vesemir/store/seal'
import type { ApiConfig } from './config.ts'

/** Reads the keys that the settings name. @throws {VesemirError} `CONFIG_INVALID` */
export async function readSeals({ orders }: Pick<ApiConfig, 'orders'>, env: NodeJS.ProcessEnv): Promise<Seals> {
  if (orders === 'unsigned') return noSeals
  const readAll = (sources: readonly KeySource[]) => Promise.all(sources.map((source) => readKey(source, env)))
  const [key, otherKeys, recordPublicKeys] = await Promise.all([
    readKey(orders.key, env),
    readAll(orders.otherKeys),
    readAll(orders.recordPublicKeys),
  ])
  return createApiSeals({ key, otherKeys, recordPublicKeys })
}
