import { readKey } from '@vesemir/process/keys'
import { createApiSeals, noSeals, type Seals } from '@vesemir/store/seal'
import type { ApiConfig } from './config.ts'

/** Reads the keys that the settings name. @throws {VesemirError} `CONFIG_INVALID` */
export async function readSeals({ orders }: Pick<ApiConfig, 'orders'>, env: NodeJS.ProcessEnv): Promise<Seals> {
  if (orders === 'unsigned') return noSeals
  const [otherKeys, recordPublicKeys] = await Promise.all(
    [orders.otherKeys, orders.recordPublicKeys].map((sources) =>
      Promise.all(sources.map((source) => readKey(source, env))),
    ),
  )
  return createApiSeals({
    key: await readKey(orders.key, env),
    otherKeys: otherKeys!,
    recordPublicKeys: recordPublicKeys!,
  })
}
