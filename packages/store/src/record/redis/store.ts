import { HostCounts, type Deployment, type GivenCommand, type HostStatus } from '@vesemir/contract'
import { noHosts, type Clock } from '@vesemir/core'
import type { Redis } from 'ioredis'
import type { Announcements } from '../../redis/announcements.ts'
import { readJson, readValue, type OnInvalid } from '../../redis/read-json.ts'
import { fields, type Keys } from './keys.ts'
import { Commands, DeploymentRow } from './schemas.ts'
import type { Scripts } from './scripts.ts'

/** What all parts of the record work with. */
export interface Store {
  redis: Redis
  scripts: Scripts
  keys: Keys
  clock: Clock
  /** Hears of what is left out of lists, since it is invalid. */
  onInvalid: OnInvalid
  /** For those who watch: news come together. */
  announcements: Announcements
  /** For those who act on what they hear: at once. */
  urgent: Announcements
  /** About how many log entries (batches of lines) are kept for each deployment. */
  logEntries: number
}

/** The moment as records and events have it, by the clock that all processes share. The order of events is in their numbers alone. */
export function timestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString()
}

const statuses = Object.keys(noHosts) as HostStatus[]

/** The fields of a deployment's hash that make up its row, as `readRow` takes their values. */
export const rowFields = [fields.deployment, fields.commands, fields.followed, ...statuses.map(fields.count)]

/** Puts a deployment's row together from the values of `rowFields`. @throws {VesemirError} `RECORD_INVALID` */
export function readRow(id: string, values: readonly (string | null)[]): Deployment | undefined {
  const [deployment, commands, followed, ...counts] = values
  if (!deployment) return undefined
  return {
    ...readJson(DeploymentRow, deployment, `the record of ${id}`),
    commands: readCommands(id, commands, followed),
    counts: readValue(HostCounts, readCounts(counts), `counts of ${id}`),
  }
}

/** The commands that are not carried out yet, of the values of `commands` and `followed`. */
export function readCommands(
  id: string,
  commands: string | null | undefined,
  followed: string | null | undefined,
): GivenCommand[] {
  if (!commands) return []
  return readJson(Commands, commands, `commands of ${id}`).filter(({ seq }) => seq > Number(followed ?? 0))
}

/** The fields and values of a deployment's row, its counts and commands apart: others write these. */
export function writeRow({ counts, commands, ...deployment }: Deployment): [string, string][] {
  return [
    [fields.deployment, JSON.stringify(deployment)],
    [fields.status, deployment.state.status],
  ]
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
