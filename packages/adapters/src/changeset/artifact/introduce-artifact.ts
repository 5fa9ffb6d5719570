import { durationMs, type ArtifactChangeset, type LogLine, type PlannedRelease } from '@vesemir/contract'
import type { IntroduceContext } from '@vesemir/core'
import { shellQuote } from '../../remote-shell/index.ts'
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
  const talk = hostTalk(context.onLine)
  try {
    await session.run(`${parameters(release, context)}\n${introduceScript}`, {
      timeoutMs: durationMs(changeset.timeout),
      signal,
      onLine: talk.onLine,
      input: artifactWhenAsked(release, { asked: talk.asked, folders: context.folders, signal: over.signal }),
    })
  } finally {
    over.abort()
    talk.end()
  }
  const note = talk.wasAsked() ? `sent ${inWords(release.bytes)}` : 'already on the host'
  const previous = talk.previous()
  return previous === undefined ? { note } : { previous, note }
}

function parameters({ id, sha256, bytes }: ArtifactRelease, { changeset, session }: Introduction): string {
  const { keepReleases } = changeset
  const directory = changeset.directory.replaceAll('{host}', session.target.name)
  const values = { directory, id, sha256, bytes: String(bytes), keep: String(keepReleases) }
  return Object.entries(values)
    .map(([name, value]) => `${name}=${shellQuote(value)}`)
    .join(' ')
}

/** Tells the script's own words from what it prints besides, which goes to the log. */
function hostTalk(onLine: (line: LogLine) => void) {
  const { promise: asked, resolve: settleAsked } = Promise.withResolvers<boolean>()
  let wasAsked = false
  let previous: string | undefined
  return {
    asked,
    wasAsked: () => wasAsked,
    previous: () => previous,
    end: () => settleAsked(false),
    onLine: (line: LogLine) => {
      const [, word, value] =
        (line.stream === 'stdout' && /^vesemir: (send|unpacked|previous) ?(.*)$/.exec(line.text)) || []
      if (word === 'send') settleAsked((wasAsked = true))
      else if (word === 'previous') previous = value
      else if (!word) onLine(line)
    },
  }
}

async function* artifactWhenAsked(
  release: ArtifactRelease,
  { asked, folders, signal }: { asked: Promise<boolean>; folders: readonly string[]; signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  if (await asked) yield* verified(readArtifact(release.url, { folders, signal }), release)
}

function inWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KiB`
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
