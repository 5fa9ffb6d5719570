import { HostCounts, type Deployment, type GivenCommand, type HostStatus } from '@vesemir/contract'
import { newDeployment, noHosts, VesemirError, withCommand, type Clock } from '@vesemir/core'
import type { RedisClient } from '../../redis/redis-client.ts'
import type { z } from 'zod'
import type { Announcements } from '../../redis/announcements.ts'
import { readJson, readValue, type OnInvalid } from '../../redis/read-json.ts'
import type { ReplicatedWrites } from '../../redis/replicated-writes.ts'
import type { Seals } from '../../seal/seals.ts'
import { fields, type Keys } from './keys.ts'
import { readOrder, type Order } from './order.ts'
import { sealContexts, type Identity } from './seal-contexts.ts'
import { CommandOrder, Commands, DeploymentRow } from './schemas.ts'
import type { Scripts } from './scripts.ts'

/** What all parts of the record work with. */
export interface Store {
  redis: RedisClient
  scripts: Scripts
  /** By what the start of a task is written again, where replicas must have it. */
  writes?: Pick<ReplicatedWrites, 'write'> | undefined
  keys: Keys
  clock: Clock
  seals: Seals
  /** Hears of what is left out of lists, since it is invalid. */
  onInvalid: OnInvalid
  /** For those who watch: news come together. */
  announcements: Announcements
  /** For those who act on what they hear: at once. */
  urgent: Announcements
  /** About how many log entries (batches of lines) are kept for each deployment. */
  logEntries: number
}

/** What opens what is kept with a seal. */
export type Sealed = Pick<Store, 'seals'>

/** The moment as records and events have it, by the clock that all processes share. The order of events is in their numbers alone. */
export function timestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString()
}

/** Announces that something of the record has changed that no script has written. */
export async function announceChange({ redis, keys }: Pick<Store, 'redis' | 'keys'>): Promise<void> {
  await redis.publish(keys.changes, '')
}

const statuses = Object.keys(noHosts) as HostStatus[]

/** The fields of a deployment's hash that make up its row, as `readRow` takes their values. */
export const rowFields = [fields.deployment, fields.order, fields.commands, ...statuses.map(fields.count)]

/** A deployment, and what its keepers need besides. */
export interface Row {
  order: Order | undefined
  deployment: Deployment
  /** How many of its commands are carried out. */
  followed: number
  /** The link of its last event. */
  head: string
}

/**
 * Puts a deployment's row together from the values of `rowFields`. Before a worker has written any, the order is all there is.
 * @throws {VesemirError} `RECORD_INVALID`, `ORDER_NOT_SIGNED`, `ORDER_FORGED`
 */
export function openRow(store: Sealed, id: string, values: readonly (string | null)[]): Row | undefined {
  const [sealed, sealedOrder, commands, ...counts] = values
  if (!sealed && !sealedOrder) return undefined
  const order = readOrder(store.seals, id, sealedOrder)
  const { row, head } = sealed ? openWritten(store, id, sealed) : { row: rowOf(order!), head: '' }
  if (order && order.at !== row.createdAt) throw mixedUp(id)
  const { followed = countCommands(id, commands), ...kept } = row
  const pending = openCommands(store, row, { commands, followed })
  const deployment = {
    ...kept,
    // Of a record that is only shown, the order may be another's.
    id,
    commands: [],
    counts: readValue(HostCounts, readCounts(counts), `counts of ${id}`),
  }
  return { order, deployment: pending.reduce(commanded, deployment), followed, head }
}

/** Reads a deployment's row, as `openRow`. */
export function readRow(store: Sealed, id: string, values: readonly (string | null)[]): Deployment | undefined {
  return openRow(store, id, values)?.deployment
}

/** What a command makes of a deployment's record. */
export function commanded(deployment: Deployment, given: GivenCommand): Deployment {
  return withCommand(deployment, { type: 'deployment.commanded', ...given })
}

/** The commands of the value of `commands` that are not carried out yet. */
export function openCommands(
  { seals }: Sealed,
  deployment: Identity,
  { commands, followed }: { commands: string | null | undefined; followed: number },
): GivenCommand[] {
  return readCommands(deployment.id, commands)
    .slice(followed)
    .map(({ seq, order = '' }, index) => {
      const place = sealContexts.command(deployment, followed + index)
      return { ...readJson(CommandOrder, seals.orders.open(place, order).text, place), seq }
    })
}

/** Returns how many commands were given, whether they are signed or not. */
export function countCommands(id: string, commands: string | null | undefined): number {
  return readCommands(id, commands).length
}

function readCommands(id: string, commands: string | null | undefined): z.infer<typeof Commands> {
  return commands ? readJson(Commands, commands, `commands of ${id}`) : []
}

function openWritten({ seals }: Sealed, id: string, sealed: string) {
  const place = sealContexts.deployment(id)
  const { value: row, link: head } = seals.rows.read(place, {
    sealed,
    parse: (text) => readJson(DeploymentRow, text, place),
  })
  return { row, head }
}

function rowOf({ at, ...order }: Order): z.infer<typeof DeploymentRow> {
  const { commands: _commands, counts: _counts, ...row } = newDeployment({ type: 'deployment.queued', ...order }, at)
  return { ...row, followed: 0 }
}

function mixedUp(id: string): VesemirError {
  return new VesemirError(
    'ORDER_FORGED',
    `${sealContexts.deployment(id)} is not that of its order: they differ in their moments`,
  )
}

/** The text of a deployment's row, its counts and commands apart: others write these. */
export function writeRow({ counts, commands, ...deployment }: Deployment, { followed }: Pick<Row, 'followed'>): string {
  return JSON.stringify({ ...deployment, followed } satisfies z.infer<typeof DeploymentRow>)
}

/** The fields and values of all counts. */
export function writeCounts(counts: HostCounts): [string, number][] {
  return statuses.map((status) => [fields.count(status), counts[status]])
}

function readCounts(values: readonly (string | null)[]): HostCounts {
  const counts = { ...noHosts }
  statuses.forEach((status, index) => (counts[status] = Number(values[index] ?? 0)))
  return counts
}
