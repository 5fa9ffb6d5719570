import { durationMs, type Archive } from '@vesemir/contract'
import {
  isOver,
  isVesemirError,
  VesemirError,
  writeEnvironmentFile,
  writeTemplateValues,
  type IntroduceContext,
} from '@vesemir/core'
import type { Uploads } from '../uploads.ts'
import { assignments } from './assignments.ts'
import { createHostMessages, messageOf, type HostMessages } from './host-messages.ts'
import { introduceScript, makeCurrentScript } from './scripts.ts'
import { verified } from './verified.ts'

/** A release as its folder on a host knows it. Its `stamp` tells it from others that had the same id. */
export interface Release {
  id: string
  stamp: string
  archive: Archive
  /** What the file is called that the archive is, when it is not to be unpacked. */
  fileName?: string | undefined
}

/**
 * How the archive gets to the host: read here and sent, in chunks that are good until the next is asked for, or fetched by the
 * host from an address, with headers.
 */
export type Transfer =
  | {
      kind: 'push'
      name: string
      read: (signal: AbortSignal) => AsyncIterable<Uint8Array>
      /** Finds what a host lacks that has this base; undefined where all is to be sent. */
      findDelta?: (base: Base, signal: AbortSignal) => Promise<Delta | undefined>
    }
  | {
      kind: 'pull'
      address: (signal: AbortSignal) => Promise<{ url: string; headers: Readonly<Record<string, string>> }>
    }

/** A release that a host has with all its files unchanged: its stamp, and the sum of their sizes and paths. */
export interface Base {
  stamp: string
  sum: string
}

/** What a release has that its base lacks, as `writeDelta` writes it. */
export interface Delta {
  sha256: string
  bytes: number
  /** `sumOfContents` of the whole release. */
  contents: string
  read: () => AsyncIterable<Uint8Array>
}

/** A smaller archive is sent in less time than a host takes to find out what it could copy. */
export const leastBytesToCopy = 1024 * 1024

/** The path of a template in the release, and of the file that is made of it. */
export interface TemplatePaths {
  from: string
  to: string
}

/** What a changeset says of the folder of releases. */
interface ReleaseFolder {
  directory: string
  keepReleases: number
  shared: readonly string[]
  /** The path of the file that holds the application's variables. */
  environmentFile?: string | undefined
  templates?: readonly TemplatePaths[] | undefined
  /** How many folders at the top are left out. */
  strip?: number
  timeout: string
}

/** How far a release is to come: unpacked beside the others, or made current too. */
export type Until = 'staged' | 'current'

interface Introduction extends IntroduceContext {
  until: Until
  folder: ReleaseFolder
  transfer: Transfer
  uploads: Uploads
}

/**
 * Introduces a release by one command on the host, which first says whether it has the release already, or a part of it:
 * only when it asks for it is the archive read and sent. One that was staged just now is made current by a shorter one.
 * @throws {VesemirError} `DISK_SPACE_LOW`, `HOST_TOOL_MISSING`, `ARTIFACT_MISMATCH`, `ARTIFACT_SERVER_FAILED`,
 * `ARTIFACT_UNAVAILABLE`, `TEMPLATE_INVALID`, and as `RemoteSession.run`
 */
export async function introduceRelease(release: Release, context: Introduction): Promise<Introduced> {
  return (context.isStaged && (await makeCurrent(release, context))) || bring(release, context)
}

interface Introduced {
  note: string
  /** The release that is current now, or was so before this one. */
  current?: string
  previous?: string
}

/** Makes a release current that the host has; undefined where it has it no more. */
async function makeCurrent(
  { id, stamp }: Release,
  { session, folder: { directory, timeout }, signal, onLine }: Introduction,
): Promise<Introduced | undefined> {
  const talk = createHostMessages(onLine)
  await session.run(assignments({ directory, id, stamp }) + makeCurrentScript, {
    name: 'make release current',
    isOwn: true,
    timeoutMs: durationMs(timeout),
    signal,
    onLine: talk.onLine,
  })
  if (talk.said('absent') !== undefined) return undefined
  return { note: onHostAlready, ...messageOf(talk, 'previous'), ...messageOf(talk, 'current') }
}

async function bring(release: Release, context: Introduction): Promise<Introduced> {
  const { session, folder, transfer, signal } = context
  const over = new AbortController()
  const talk = createHostMessages(context.onLine)
  void talk.heard('send').then((had) => had !== undefined && context.onAccepted?.())
  try {
    await session.run(scriptOf(release, context), {
      name: context.until === 'staged' ? 'stage release' : 'introduce release',
      isOwn: true,
      timeoutMs: durationMs(folder.timeout),
      signal,
      onLine: talk.onLine,
      input: inputWhenAsked(release.archive, { ...context, talk, signal: over.signal }),
    })
  } catch (error) {
    throw refusal(error, talk, session.target.name) ?? error
  } finally {
    over.abort(isOver)
    talk.end()
  }
  const note = noteOf(transfer, { bytes: release.archive.bytes, had: talk.said('send'), copied: talk.said('copied') })
  return { note, ...messageOf(talk, 'previous'), ...messageOf(talk, 'current') }
}

function scriptOf({ id, stamp, archive, fileName = '' }: Release, { folder, transfer, until }: Introduction): string {
  const { directory, keepReleases, shared, strip = 0, environmentFile = '', templates = [] } = folder
  const { format, sha256, bytes, unpackedBytes, hasSetIdFolders } = archive
  const copies = transfer.kind === 'push' && transfer.findDelta !== undefined && bytes >= leastBytesToCopy
  const variables = {
    until,
    directory,
    id,
    stamp,
    keep: keepReleases,
    shared: shared.join('\n'),
    transfer: transfer.kind,
    copies: copies ? 'yes' : '',
    format,
    sha256,
    bytes,
    unpacked_bytes: unpackedBytes,
    set_id_folders: hasSetIdFolders === false ? 'no' : 'unknown',
    folder: strip > 0 ? (archive.folder ?? '') : '',
    file_name: fileName,
    environment_file: environmentFile,
    templates: templates.flatMap(({ from, to }) => [from, to]).join('\n'),
  }
  const script = introduceScript({
    shares: shared.length > 0,
    hasEnvironmentFile: environmentFile !== '',
    hasTemplates: templates.length > 0,
    copies,
    pulls: transfer.kind === 'pull',
  })
  return assignments(variables) + script
}

async function* inputWhenAsked(
  { bytes, sha256 }: Archive,
  {
    talk,
    transfer,
    uploads,
    folder,
    signal,
    ...values
  }: Omit<Introduction, 'signal'> & { talk: HostMessages; signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  const { environmentFile, templates = [] } = folder
  if (environmentFile !== undefined || templates.length > 0) {
    if ((await talk.heard('variables')) === undefined) return
    if (environmentFile !== undefined) yield* sized(writeEnvironmentFile(values.variables))
    if (templates.length > 0) yield* sized(writeTemplateValues(values))
  }
  const had = await talk.heard('send')
  if (had === undefined || Number(had) >= bytes) return
  if (transfer.kind === 'push') {
    const delta = await findDelta(talk, transfer, signal)
    if (delta) {
      yield Buffer.from(`delta ${delta.sha256} ${delta.contents}\n`)
      return yield* uploads.paced(delta.read(), signal)
    }
    if (talk.said('base') !== undefined) yield Buffer.from('whole\n')
    const whole = verified(transfer.read(signal), { name: transfer.name, sha256, bytes })
    yield* uploads.paced(after(Number(had), whole), signal)
  } else {
    const { url, headers } = await transfer.address(signal)
    const lines = [url, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)]
    yield Buffer.from(lines.map((line) => `${line}\n`).join(''))
  }
}

/** A text after a line with its number of bytes. */
function* sized(text: string): Generator<Uint8Array> {
  const bytes = Buffer.from(text)
  yield Buffer.from(`${bytes.length}\n`)
  yield bytes
}

/** Finds what to send to a host that has named a release to copy files from. */
async function findDelta(
  talk: HostMessages,
  transfer: Extract<Transfer, { kind: 'push' }>,
  signal: AbortSignal,
): Promise<Delta | undefined> {
  // Both name files here: a host is not asked for others.
  const [, stamp, sum] = /^([0-9a-f]{64}) ([0-9a-f]{64})$/.exec(talk.said('base') ?? '') ?? []
  return stamp !== undefined && sum !== undefined ? transfer.findDelta?.({ stamp, sum }, signal) : undefined
}

/** Leaves out the first bytes. */
async function* after(skippedBytes: number, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let leftBytes = skippedBytes
  for await (const chunk of chunks) {
    if (leftBytes < chunk.length) yield chunk.subarray(leftBytes)
    leftBytes = Math.max(0, leftBytes - chunk.length)
  }
}

const onHostAlready = 'already on the host'

const refusals = [
  'DISK_SPACE_LOW',
  'HOST_TOOL_MISSING',
  'ARTIFACT_SERVER_FAILED',
  'ARTIFACT_UNAVAILABLE',
  'TEMPLATE_INVALID',
] as const

/** The reason that the host itself gave for refusing, when it did. */
function refusal(error: unknown, talk: HostMessages, host: string): VesemirError | undefined {
  const [, word, why] = /^(\S+) (.*)$/.exec(talk.said('refused') ?? '') ?? []
  const code = refusals.find((refused) => refused === word)
  if (!code || !isVesemirError(error, 'COMMAND_FAILED')) return undefined
  return new VesemirError(code, `${host} cannot take the release: ${why}`, { cause: error, details: { host } })
}

function noteOf(
  { kind }: Transfer,
  { bytes, had, copied }: { bytes: number; had: string | undefined; copied: string | undefined },
): string {
  if (had === undefined) return onHostAlready
  const [, sentBytes, from] = /^(\d+) (.*)$/.exec(copied ?? '') ?? []
  if (sentBytes !== undefined) return `sent ${inWords(Number(sentBytes))}, copied the rest from ${from}`
  const how = kind === 'push' ? 'sent' : 'fetched'
  return had === '0'
    ? `${how} ${inWords(bytes)}`
    : `${how} the last ${inWords(bytes - Number(had))} of ${inWords(bytes)}`
}

function inWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KiB`
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
