import type { RemoteSession } from '@vesemir/core'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

// What the scripts of introducing use, and what tests take away from them.
const tools =
  'bzip2 cat chmod cmp comm cp curl cut df find grep gzip head ln ls mkdir mv od openssl readlink rm rmdir sed sha256sum sleep sort tail tar touch tr unzip wc wget xargs xz zipinfo zstd'

/** A session on a host that has these tools alone, without some of them, and variables in its commands' environment. */
export function hostWith(
  session: RemoteSession,
  { folder, without = [], env = {} }: { folder: string; without?: string[]; env?: Record<string, string> },
): RemoteSession {
  const bin = binIn(folder)
  for (const name of tools.split(' ')) if (!without.includes(name)) symlinkSync(join('/usr/bin', name), join(bin, name))
  return withPath(session, bin, env)
}

/** A session on a host that writes down which of its tools are started. */
export function createTracingSession(session: RemoteSession, { folder }: { folder: string }) {
  const bin = binIn(folder)
  const list = join(folder, 'started')
  for (const name of tools.split(' '))
    writeFileSync(join(bin, name), `#!/bin/sh\necho ${name} >> ${list}\nexec /usr/bin/${name} "$@"\n`, { mode: 0o755 })
  return { ...withPath(session, bin), told: () => readFileSync(list, 'utf8').trim().split('\n') }
}

function binIn(folder: string): string {
  const bin = join(folder, 'bin')
  mkdirSync(bin, { recursive: true })
  return bin
}

function withPath(session: RemoteSession, path: string, env: Record<string, string> = {}): RemoteSession {
  return {
    ...session,
    run: (script, options) => session.run(script, { ...options, env: { ...options.env, ...env, PATH: path } }),
  }
}
