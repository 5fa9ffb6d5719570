import { durationMs, type ArtifactChangeset, type PlannedRelease } from '@vesemir/contract'
import type { IntroduceContext } from '@vesemir/core'
import { assignments } from '../release-folder/assignments.ts'
import { createHostTalk, type HostTalk } from '../release-folder/host-talk.ts'
import { verified } from './check-artifact.ts'
import { introduceScript } from './introduce-script.ts'
import { readArtifact } from './read-artifact.ts'

type ArtifactRelease = Extract<PlannedRelease, { strategy: 'artifact' }>

interface Introduction extends IntroduceContext {
  changeset: ArtifactChangeset
  folders: readonly string[]
}

/**
 * Introduces a release by one command on the host, which first says whether it has the release already: only when it asks
 * for it is the artifact read and sent.
 */
export async function introduceArtifact(
  release: ArtifactRelease,
  context: Introduction,
): Promise<{ previous?: string; note: string }> {
  const { session, changeset, signal } = context
  const over = new AbortController()
  const talk = createHostTalk(context.onLine)
  const { id, sha256, bytes } = release
  const { directory, keepReleases: keep } = changeset
  const variables = assignments({ directory, id, stamp: sha256, sha256, bytes, keep })
  try {
    await session.run(variables + introduceScript, {
      timeoutMs: durationMs(changeset.timeout),
      signal,
      onLine: talk.onLine,
      input: artifactWhenAsked(release, { talk, folders: context.folders, signal: over.signal }),
    })
  } finally {
    over.abort()
    talk.end()
  }
  const note = talk.said('send') !== undefined ? `sent ${inWords(release.bytes)}` : 'already on the host'
  const previous = talk.said('previous')
  return previous === undefined ? { note } : { previous, note }
}

async function* artifactWhenAsked(
  release: ArtifactRelease,
  { talk, folders, signal }: { talk: HostTalk; folders: readonly string[]; signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  if ((await talk.heard('send')) !== undefined) yield* verified(readArtifact(release.url, { folders, signal }), release)
}

function inWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KiB`
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
