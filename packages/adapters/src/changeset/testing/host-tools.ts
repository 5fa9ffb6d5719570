import type { RemoteSession } from '@vesemir/core'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

// What the scripts of introducing use, and what tests take away from them.
const tools =
  'basename cat chmod curl cut df grep gzip head ln ls mkdir mktemp mv readlink rm sed sha256sum sleep sort tail tar touch unzip wc wget zipinfo zstd'

/** A session on a host that has these tools alone, without some of them, and variables in its commands' environment. */
export function hostWith(
  session: RemoteSession,
  { folder, without = [], env = {} }: { folder: string; without?: string[]; env?: Record<string, string> },
): RemoteSession {
  const bin = join(folder, 'bin')
  mkdirSync(bin, { recursive: true })
  for (const name of tools.split(' ')) if (!without.includes(name)) symlinkSync(join('/usr/bin', name), join(bin, name))
  return { ...session, run: (script, options) => session.run(script, { ...options, env: { ...env, PATH: bin } }) }
}
