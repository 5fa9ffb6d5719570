import type { Archive, DeploymentSpec } from '@vesemir/contract'
import { templateComplaint, VesemirError } from '@vesemir/core'
import { pathOf } from './file-list.ts'
import type { TemplatePaths } from './introduce-release.ts'
import { isTarFormat, unpackTar } from './measure-archive.ts'
import { readTar, type TarEntry } from './read-tar.ts'

/** More than a person writes. */
const mostBytes = 1024 * 1024

/**
 * Makes sure that the templates of an archive are there, and have placeholders for the variables that there are. What is in a zip only
 * hosts find out, each before it makes the release current.
 * @throws {VesemirError} `TEMPLATE_INVALID`
 */
export async function checkTemplates(
  archive: Pick<Archive, 'format' | 'folder'>,
  {
    templates = [],
    strip = 0,
    spec,
    read,
  }: {
    templates?: readonly TemplatePaths[] | undefined
    strip?: number
    spec: Pick<DeploymentSpec, 'variables'>
    read: () => AsyncIterable<Uint8Array>
  },
): Promise<void> {
  if (templates.length === 0 || !isTarFormat(archive.format)) return
  const above = strip > 0 ? `${archive.folder}/` : ''
  const wanted = new Map(templates.map(({ from }) => [`${above}${from}`, from]))
  const found = new Map<string, Buffer[]>()
  await readTar(unpackTar(archive.format, read()), (entry) => {
    const from = wanted.get(pathOf(entry.name))
    return from === undefined ? undefined : collect(entry, { from, found })
  })
  const names = Object.keys(spec.variables ?? {})
  for (const { from } of templates) {
    const pieces = found.get(from)
    if (!pieces) throw invalid(from, 'is no plain file of the artifact')
    const complaint = templateComplaint(Buffer.concat(pieces).toString(), names)
    if (complaint !== undefined) throw invalid(from, complaint)
  }
}

/** Keeps the contents of a template, of which its blocks are filled up. A later entry takes the place of one before. */
function collect(
  { kind, bytes }: TarEntry,
  { from, found }: { from: string; found: Map<string, Buffer[]> },
): ((piece: Buffer) => void) | undefined {
  found.delete(from)
  if (kind !== 'file') return undefined
  if (bytes > mostBytes) throw invalid(from, `has ${bytes} bytes: at most ${mostBytes}`)
  const pieces: Buffer[] = []
  found.set(from, pieces)
  let left = bytes
  return (piece) => {
    const own = piece.subarray(0, left)
    left -= own.length
    pieces.push(Buffer.from(own))
  }
}

function invalid(from: string, why: string): VesemirError {
  return new VesemirError('TEMPLATE_INVALID', `the template ${from}: ${why}`)
}
