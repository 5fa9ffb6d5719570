import { isDeepStrictEqual } from 'node:util'
import type { ArchiveFilter, Deployment, DeploymentPage, EventPage } from '@vesemir/contract'
import { isVesemirError, toFailure, VesemirError } from '@vesemir/core'
import { isUnreliable, type OnInvalid } from '../redis/read-json.ts'
import { writeViewJson } from '../record/redis/read-deployment.ts'
import {
  partsOf,
  readEventPage,
  readHead,
  readRecordLines,
  type LinedRecord,
} from '../record/redis/read-record-lines.ts'
import { fields } from '../record/redis/keys.ts'
import { matchesFilter } from '../record/redis/matches-filter.ts'
import { shareReadings } from '../record/redis/share-readings.ts'
import { readRow } from '../record/redis/store.ts'
import { verifySource, type RecordSource } from '../record/redis/verify-record.ts'
import type { Seals } from '../seal/seals.ts'
import { fitsName, parseArchiveName, type ArchiveName } from './archive-name.ts'
import { linesOf } from './lines-of.ts'
import type { ArchiveStorage } from './storage.ts'

/** Deployments whose records were archived. Every call throws `ARCHIVE_FAILED` where the storage cannot be read. */
export interface Archive {
  /**
   * Lists deployments that a filter lets pass and that are visible, the newest first. Files are opened by what their names tell; of
   * many that are not visible, a page may end early.
   */
  list(filter: ArchiveFilter, seen: Seen): Promise<DeploymentPage>
  read(id: string): Promise<Deployment | undefined>
  /** Reads a deployment with its hosts as JSON in UTF-8, with what is wrong with its record. */
  readViewJson(id: string): Promise<Uint8Array | undefined>
  /** Reads the events and the output after a number; undefined where the deployment is not in the archive. */
  readEvents(id: string, page: { after: number; limit: number }): Promise<EventPage | undefined>
}

/** What a caller sees. */
export interface Seen {
  /** Whether any deployment of an application, environment and team may be visible, whatever its cluster. */
  mayOpen: (named: Pick<ArchiveName, 'application' | 'environment' | 'team'>) => boolean
  isVisible: (deployment: Deployment) => boolean
}

/** Names are listed again after so long: what is archived is looked for rarely, and long after. */
const namesKeptMs = 10_000

/** So many are opened at once to list them. */
const headsAtOnce = 20

/** So many are opened for one page at most. */
const mostHeads = 1000

/** Reads what workers have archived, with the same keys as live records. */
export function createArchive({
  storage,
  seals,
  onInvalid = () => {},
}: {
  storage: ArchiveStorage
  seals: Seals
  /** Hears of files that are not what their names say; lists leave them out. */
  onInvalid?: OnInvalid
}): Archive {
  const listNames = shareReadings(async () => readNames(storage), { keyOf: () => '', keptMs: namesKeptMs })
  const find = async (id: string) => (await listNames(undefined)).find((named) => named.id === id)
  return {
    async list(filter, { mayOpen, isVisible }) {
      const names = (await listNames(undefined)).filter((named) => fitsName(named, filter) && mayOpen(named))
      const { limit } = filter
      const isListed = (found: Deployment) => matchesFilter(found, filter) && isVisible(found)
      const read = async (named: ArchiveName) => {
        try {
          const found = await readDeployment(storage, named)
          return isListed(found) ? [found] : []
        } catch (error) {
          if (!isUnreliable(error) && !isVesemirError(error, 'SCHEMA_TOO_NEW')) throw error
          onInvalid(error)
          return []
        }
      }
      return takePage(names, { read, limit })
    },
    async read(id) {
      const named = await find(id)
      return named && readDeployment(storage, named)
    },
    async readViewJson(id) {
      const named = await find(id)
      if (!named) return undefined
      const record = await readRecordLines(linesOf(storage.read(named.name)), describe(named))
      const { head } = record
      const parts = partsOf(record)
      if (!isDeepStrictEqual(readRow({ seals }, id, parts.values)?.spec, head.deployment.spec))
        throw new VesemirError('ORDER_FORGED', `${describe(named)} has another order than its first line says`)
      const problem = await findProblem(record, { named, seals })
      const incomplete = problem && toFailure(problem)
      return writeViewJson({ seals }, { id, parts, incomplete, archivedAt: head.archivedAt })
    },
    async readEvents(id, { after, limit }) {
      const named = await find(id)
      return named && readEventPage(linesOf(storage.read(named.name)), { name: describe(named), after, limit })
    },
  }
}

async function readNames(storage: ArchiveStorage): Promise<ArchiveName[]> {
  const names = (await storage.list('')).toSorted().toReversed()
  return names.flatMap((name) => parseArchiveName(name) ?? [])
}

async function takePage(
  names: readonly ArchiveName[],
  { read, limit }: { read: (named: ArchiveName) => Promise<Deployment[]>; limit: number },
): Promise<DeploymentPage> {
  const found: Deployment[] = []
  let opened = 0
  while (opened < Math.min(names.length, mostHeads) && found.length <= limit) {
    const some = names.slice(opened, opened + headsAtOnce)
    found.push(...(await Promise.all(some.map(read))).flat())
    opened += some.length
  }
  const deployments = found.slice(0, limit)
  if (found.length > limit) return { deployments, next: deployments.at(-1)!.id }
  return { deployments, ...(opened < names.length ? { next: names[opened - 1]!.id } : {}) }
}

async function readDeployment(storage: ArchiveStorage, named: ArchiveName): Promise<Deployment> {
  for await (const line of linesOf(storage.read(named.name))) {
    const { deployment } = readHead(line, describe(named))
    if (isNamed(deployment, named)) return deployment
    throw new VesemirError('RECORD_INVALID', `${describe(named)} is not what its name says`)
  }
  throw new VesemirError('RECORD_INVALID', `${describe(named)} is empty`)
}

/** Whoever may read what the name says may read the record. */
function isNamed({ id, spec }: Deployment, named: ArchiveName): boolean {
  return (
    id === named.id && (['application', 'environment', 'team'] as const).every((field) => spec[field] === named[field])
  )
}

/** Returns why a record is not whole. */
async function findProblem(
  record: LinedRecord,
  { named: { id }, seals }: { named: ArchiveName; seals: Seals },
): Promise<VesemirError | undefined> {
  try {
    await verifySource({ seals }, id, sourceOf(record))
    return undefined
  } catch (problem) {
    if (isUnreliable(problem)) return problem
    throw problem
  }
}

function sourceOf(record: LinedRecord): RecordSource {
  return {
    readParts: async () => partsOf(record),
    readCommands: async () => record.fields.get(fields.commands) ?? null,
    async *readEntries() {
      yield* record.entries
    },
  }
}

function describe({ id }: ArchiveName): string {
  return `the archived record of ${id}`
}
