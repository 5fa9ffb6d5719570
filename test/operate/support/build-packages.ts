import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inject } from 'vitest'
import { root, samplesOf } from '../../../infra/docs/pages.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Which run of the tests this is. */
    run: string
  }
}

const folder = join(root, 'dist/packages')
const stamp = join(folder, 'run')

/** Builds all packages as docs/install.md says, once in a run of the tests. Returns the paths of the npm packages, and of the Debian one. */
export async function buildPackages(): Promise<{ npm: string[]; debian: string }> {
  const builtBy = await readFile(stamp, 'utf8').catch(() => undefined)
  if (builtBy !== inject('run')) {
    const { text } = samplesOf('docs/install.md', 'sh').find(({ words }) => words.join(' ') === 'on checkout')!
    await promisify(execFile)('sh', ['-ec', text], { cwd: root, maxBuffer: 50_000_000 })
    await writeFile(stamp, inject('run'))
  }
  const paths = (await readdir(folder)).toSorted().map((name) => join(folder, name))
  return { npm: paths.filter((path) => path.endsWith('.tgz')), debian: paths.find((path) => path.endsWith('.deb'))! }
}
