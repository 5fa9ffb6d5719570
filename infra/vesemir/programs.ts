import { existsSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/**
 * Returns what Node runs as API, worker or command line: the workspace's code, or, where VESEMIR_INSTALLED names a folder, the packages
 * that are installed there. So the same tests are run against what is shipped.
 */
export function programOf(name: 'api' | 'worker' | 'cli'): string[] {
  const { VESEMIR_INSTALLED: folder } = process.env
  if (!folder) return [join(root, 'apps', name, 'src/main.ts')]
  const modules = join(folder, 'node_modules')
  if (!existsSync(modules)) throw new Error(`VESEMIR_INSTALLED: no packages are installed in ${folder}`)
  if (name === 'cli') return [join(modules, 'vesemir/bin/vesemir.mjs')]
  return [join(modules, 'vesemir-server/vesemir-server.mjs'), name]
}
