import { existsSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/**
 * Returns what Node runs as API, worker or command line: the packages that are installed in a folder, the one that VESEMIR_INSTALLED
 * names unless given; without one, the workspace's code. So the same tests are run against what is shipped.
 */
export function programOf(name: 'api' | 'worker' | 'cli', installed = process.env.VESEMIR_INSTALLED): string[] {
  if (!installed) return [join(root, 'apps', name, 'src/main.ts')]
  const modules = join(installed, 'node_modules')
  if (!existsSync(modules)) throw new Error(`no packages of Vesemir are installed in ${installed}`)
  if (name === 'cli') return [join(modules, 'vesemir/bin/vesemir.mjs')]
  return [join(modules, 'vesemir-server/vesemir-server.mjs'), name]
}
