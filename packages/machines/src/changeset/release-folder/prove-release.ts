import type { Archive } from '@vesemir/contract'
import type { RemoteSession } from '@vesemir/core'
import { proveNeeds } from '../../host-needs/prove-needs.ts'
import { assignments } from './assignments.ts'
import { proveScript } from './scripts.ts'

interface Asked {
  directory: string
  transfer: 'push' | 'pull'
  archive: Pick<Archive, 'format' | 'bytes' | 'unpackedBytes'>
  /** Undefined where none is pinned yet. */
  release: { id: string; stamp: string } | undefined
  signal: AbortSignal | undefined
}

/**
 * Makes sure that a host has the tools and the space for a release, and may write it; changes nothing.
 * @throws {VesemirError} `DISK_SPACE_LOW`, `HOST_TOOL_MISSING`, and as `RemoteSession.run`
 */
export async function proveRelease(
  session: RemoteSession,
  { directory, transfer, archive, release, signal }: Asked,
): Promise<void> {
  const { format, bytes, unpackedBytes } = archive
  const { id, stamp } = release ?? { id: '', stamp: '' }
  const variables = { directory, id, stamp, transfer, format, bytes, unpacked_bytes: unpackedBytes }
  await proveNeeds(session, { script: assignments(variables) + proveScript, purpose: 'take the release' }, signal)
}
