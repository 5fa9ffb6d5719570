import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Returns the folder of the web page, if it is built. */
export function builtPage(): string | undefined {
  return builtFolder('page', '../../dashboard/dist')
}

/** Returns the folder of the documentation's site, if it is built. */
export function builtHelp(): string | undefined {
  return builtFolder('help', '../../../docs/.vitepress/dist')
}

/** In the package that is built of the workspace this file is part of a bundle, beside the folder or one below. */
function builtFolder(inPackage: string, inWorkspace: string): string | undefined {
  const folders = [inWorkspace, inPackage, `../${inPackage}`].map((folder) => join(import.meta.dirname, folder))
  return folders.find((folder) => existsSync(folder))
}
