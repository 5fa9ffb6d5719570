import type { ArtifactChangeset, LogLine } from '@vesemir/contract'
import { isVesemirError, type ReleaseOf, type RemoteSession, type Revealed, type VesemirError } from '@vesemir/core'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { z } from 'zod'
import { createSsh, type SshSession } from '../../remote-shell/index.ts'
import { failOnLeaks } from '@vesemir/testing/fail-on-leaks'
import { startSshd, type Sshd } from '../../remote-shell/ssh/testing/start-sshd.ts'
import { anArtifactChangeset, aSpec } from './a-spec.ts'
import { artifacts } from './an-artifact.ts'

export type ArtifactRelease = ReleaseOf<'artifact'>
type Settings = Partial<Revealed<z.input<typeof ArtifactChangeset>>>
/** What a test says of an introduction. */
export interface Context {
  session?: RemoteSession
  signal?: AbortSignal
  isStaged?: boolean
  onLine?: (line: LogLine) => void
  worker?: Parameters<typeof artifacts>
  variables?: Record<string, string>
  secretNames?: string[]
  env?: Record<string, string>
}

/** On which host, and with what changeset, a release is asked for. */
export interface Proof {
  session?: RemoteSession
  settings?: Settings
}

/** What an artifact holds besides a file that names its version. */
export interface Made {
  content?: string[]
  extra?: string
  random?: number
  zeros?: number
}

/**
 * Gives each test of a file a session on a real sshd, an empty folder, and the name of a `directory` in it for releases,
 * which is not there yet.
 */
export function useReleaseBench() {
  const bench = {
    sshd: undefined as unknown as Sshd,
    session: undefined as unknown as SshSession,
    folder: '',
    directory: '',

    /** Makes the artifact of a version, which names itself in a file, and pins it. */
    pinned: async (version: string, made: Made = {}): Promise<ArtifactRelease> => {
      bench.writeArtifact(version, made)
      return bench.pin(version)
    },

    pin: (
      version: string,
      settings: Settings = {},
      worker = ownWorker(),
      variables: Record<string, string> = {},
    ): Promise<ArtifactRelease> =>
      artifacts(...worker).pin(
        changeset(settings),
        { ...aSpec({ version }), variables },
        { variables: JSON.stringify(variables) },
      ),

    introduce: (release: ArtifactRelease, settings: Settings = {}, context: Context = {}) =>
      bring('introduce', release, { settings, context }),

    stage: (release: ArtifactRelease, settings: Settings = {}, context: Context = {}) =>
      bring('stage', release, { settings, context }),

    prove: (release: ArtifactRelease | undefined, { session, settings }: Proof = {}): Promise<void> => {
      const context = { changeset: changeset(settings), session: session ?? bench.session, signal: undefined }
      return artifacts(...ownWorker()).prove(release, context)
    },

    revert: (release: ArtifactRelease, previous: string | undefined) =>
      artifacts(...ownWorker()).revert(release, revertContext(previous)),

    inspect: (release: ArtifactRelease, previous?: string) =>
      artifacts(...ownWorker()).inspect(release, revertContext(previous)),

    writeArtifact: (version: string, made: Made): void => {
      const names = bench.writeContent(version, made)
      execFileSync('tar', ['-czf', join(bench.folder, `shop-${version}.tar.gz`), '-C', bench.folder, ...names])
    },

    /** Writes what an artifact is made of into the folder, and tells its names. */
    writeContent: (version: string, { content = ['version'], extra = '', random = 0, zeros = 0 }: Made): string[] => {
      const { folder } = bench
      writeFileSync(join(folder, 'version'), `${version}\n${extra}`)
      if (random > 0) execFileSync('sh', ['-c', `head -c ${random} /dev/urandom > ${folder}/ballast`])
      if (zeros > 0) execFileSync('sh', ['-c', `head -c ${zeros} /dev/zero > ${folder}/ballast`])
      utimesSync(join(folder, 'version'), 0, 0)
      return random + zeros > 0 ? [...content, 'ballast'] : [...content]
    },

    currentVersion: () => readFileSync(join(bench.directory, 'current', 'version'), 'utf8').trim(),
    releases: () =>
      readdirSync(join(bench.directory, 'releases'))
        .filter((name) => !name.startsWith('.'))
        .toSorted(),
    /** What is in the folder of releases besides these. */
    traces: () => readdirSync(join(bench.directory, 'releases')).filter((name) => name.startsWith('.')),
  }

  const ownWorker = (): Parameters<typeof artifacts> => [{ folders: [bench.folder] }]
  const changeset = (settings: Settings = {}) =>
    anArtifactChangeset({
      url: `file://${bench.folder}/shop-{version}.tar.gz`,
      directory: bench.directory,
      ...settings,
    })

  const revertContext = (previous: string | undefined) => ({
    changeset: changeset(),
    variables: {},
    secretNames: [],
    session: bench.session,
    env: {},
    onLine: () => {},
    signal: undefined,
    previous,
  })

  const bring = (
    how: 'introduce' | 'stage',
    release: ArtifactRelease,
    { settings, context: { worker = ownWorker(), ...context } }: { settings: Settings; context: Context },
  ): Promise<{ previous?: string; note?: string; current?: string }> => {
    const { session } = bench
    return artifacts(...worker)[how](release, {
      changeset: changeset(settings),
      variables: {},
      secretNames: [],
      session,
      env: {},
      onLine: () => {},
      signal: undefined,
      ...context,
    })
  }

  beforeAll(async () => {
    bench.sshd = await startSshd()
  })
  afterAll(async () => {
    await bench.sshd[Symbol.asyncDispose]()
  })
  failOnLeaks()
  beforeEach(async () => {
    bench.folder = mkdtempSync(join(bench.sshd.folder, 'case-'))
    bench.directory = join(bench.folder, 'srv', 'shop')
    bench.session = await createSsh(bench.sshd.options, { env: {} }).connect(bench.sshd.target)
  })
  afterEach(async () => {
    await bench.session[Symbol.asyncDispose]()
  })
  return bench
}

/** Expects a failure that a user can meet. */
export async function failure(attempt: Promise<unknown>): Promise<VesemirError> {
  const outcome = await attempt.catch((error: unknown) => error)
  if (!isVesemirError(outcome)) throw outcome
  return outcome
}
