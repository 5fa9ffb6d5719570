import { readPublicKeys, readRecordKey, readSigningKey } from './keys.ts'
import { inBoth } from './in-both.ts'
import { createSeal, unchecked, unsealed, type Seal } from './seal.ts'

/** The seals of what steers workers, by who puts them. Each process opens strictly what it acts on. */
export interface Seals {
  /** What people ask for through the API, and workers do: deployments, commands, questions. */
  orders: Seal
  /** What the API keeps for itself, to make orders of: definitions, plans. */
  kept: Seal
  /** What workers keep for each other: events, the jobs of hosts, notices, the journal. */
  record: Seal
  /** The rows of the record, of deployments and hosts: what workers keep for each other, and others show. */
  rows: Seal
  /** What checks a record where this process shows it unchecked. */
  strict?: Seals
}

/** The keys of an API process, each as the text of its file. */
export interface ApiKeys {
  /** The private key with which it signs. */
  key: string
  /** Public keys of other API processes, or from before a rotation. */
  otherKeys?: readonly string[]
  /** The public keys by which it knows what workers write. */
  recordPublicKeys: readonly string[]
}

/** Makes the seals of an API process. It shows the record as it is, and can say whether it is whole: workers are the ones to act on it. */
export function createApiSeals({ key, otherKeys = [], recordPublicKeys }: ApiKeys): Seals {
  const { prover, checker } = readSigningKey(key)
  const kept = remembering(createSeal(prover, [checker, ...otherKeys.flatMap(readPublicKeys)]))
  const rows = remembering(createSeal(undefined, recordPublicKeys.flatMap(readPublicKeys).map(inBoth.signature)))
  const strict = { orders: kept, kept, record: unchecked, rows }
  return { orders: { ...unchecked, put: kept.put }, kept, record: unchecked, rows: unchecked, strict }
}

/** The keys of a worker, each as the text of its file. */
export interface WorkerKeys {
  /** The public keys of the API processes whose orders it takes. */
  publicKeys: readonly string[]
  /** The secret that the workers with the same Redis share, and those from before a rotation. The first is put. */
  recordKeys: readonly string[]
}

/** Makes the seals of a worker. */
export function createWorkerSeals({ publicKeys, recordKeys }: WorkerKeys): Seals {
  const keys = recordKeys.map(readRecordKey)
  const orders = remembering(createSeal(undefined, publicKeys.flatMap(readPublicKeys)))
  const record = createSeal(
    keys[0]?.shared.prover,
    keys.map(({ shared }) => shared.checker),
  )
  const rows = createSeal(keys[0] && inBoth.prover(keys[0]), keys.map(inBoth.shared))
  return { orders, kept: unchecked, record, rows }
}

/** No seals: whoever can write to Redis is believed. */
export const noSeals: Seals = { orders: unsealed, kept: unsealed, record: unsealed, rows: unsealed }

const mostRemembered = 2000

/** Checks the same text at the same place once: a signature costs twenty times what a secret's proof does. */
function remembering(seal: Seal): Seal {
  const checked = new Map<string, string>()
  return {
    ...seal,
    open(place, sealed) {
      if (checked.get(place) === sealed) return unchecked.open(place, sealed)
      const opened = seal.open(place, sealed)
      if (checked.size === mostRemembered) checked.clear()
      checked.set(place, sealed)
      return opened
    },
  }
}
