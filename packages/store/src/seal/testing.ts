import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { recordPublicKey } from '@vesemir/process/keys'
import { createApiSeals, createWorkerSeals, type Seals } from './seals.ts'

/** The keys of an API and its workers, each as the text of its file. */
export interface TestKeys {
  key: string
  publicKey: string
  recordKey: string
}

/** Makes keys. */
export function testKeys(): TestKeys {
  const { privateKey: key, publicKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  return { key, publicKey, recordKey: randomBytes(32).toString('hex') }
}

/** Makes the seals of an API and its workers. `both` is for tests that act as one and the other. */
export function testSeals(keys: TestKeys = testKeys()): { api: Seals; worker: Seals; both: Seals } {
  const api = createApiSeals({ ...keys, recordPublicKeys: [recordPublicKey(keys.recordKey)] })
  const worker = createWorkerSeals({ publicKeys: [keys.publicKey], recordKeys: [keys.recordKey] })
  const orders = { ...worker.orders, put: api.orders.put }
  return { api, worker, both: { ...worker, orders, kept: api.kept } }
}
