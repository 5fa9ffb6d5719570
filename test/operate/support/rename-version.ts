import { globSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output, run } from '../../../infra/release/run.ts'

/** Makes of a Debian package the same of another version, in a folder. Returns its path. */
export async function renameVersion(
  built: string,
  { version, folder }: { version: string; folder: string },
): Promise<string> {
  const before = (await output('dpkg-deb', ['--field', built, 'Version'])).trim()
  const tree = `${folder}-tree`
  await run('dpkg-deb', ['--raw-extract', built, tree])
  const server = 'usr/lib/vesemir/node_modules/vesemir-server/{package.json,programs/package-*.json}'
  for (const path of globSync(['DEBIAN/control', server], { cwd: tree })) {
    const file = join(tree, path)
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace(/(?<=^Version: |"version": ")[\d.]+/m, version))
  }
  const renamed = join(folder, `vesemir-${before}-as-${version}.deb`)
  await run('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, renamed])
  await rm(tree, { recursive: true })
  return renamed
}
