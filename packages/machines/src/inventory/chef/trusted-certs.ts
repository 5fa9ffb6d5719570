import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { VesemirError } from '@vesemir/core'

/**
 * Reads the certificates of a folder as Chef's own tools do: every `*.crt` and `*.pem` is trusted.
 * @throws {VesemirError} `CONFIG_INVALID` when it cannot be read, but for one that nobody has named and is not there
 */
export async function readTrustedCerts(folder: string, { isNamed }: { isNamed: boolean }): Promise<string[]> {
  try {
    const names = (await readdir(folder)).filter((name) => /\.(?:crt|pem)$/.test(name)).toSorted()
    return await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' && !isNamed) return []
    throw new VesemirError('CONFIG_INVALID', `the folder of trusted certificates ${folder} cannot be read: ${code}`, {
      cause,
    })
  }
}
