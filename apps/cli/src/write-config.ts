import { randomUUID } from 'node:crypto'
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { VesemirError } from '@vesemir/core'
import { Document, parseDocument } from 'yaml'

/**
 * Keeps settings in the file that `readConfig` reads, which only its owner may read: it has a secret in it. Comments in
 * the file stay. A reader sees the file before or the file after, and never half of one.
 */
export async function writeConfigFile(
  path: string,
  settings: { url?: string; token: string | undefined },
): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const document = await readDocument(path)
    for (const [name, value] of Object.entries(settings))
      if (value === undefined) document.delete(name)
      else document.set(name, value)
    const next = `${path}.${randomUUID()}`
    await writeFile(next, document.toString(), { mode: 0o600, flag: 'wx' })
    await chmod(next, 0o600)
    await rename(next, path)
  } catch (cause) {
    throw new VesemirError('CONFIG_INVALID', `cannot write ${path}: ${(cause as Error).message}`, { cause })
  }
}

async function readDocument(path: string): Promise<Document> {
  try {
    const document = parseDocument(await readFile(path, 'utf8'))
    return document.contents === null ? new Document({}) : document
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Document({})
    throw error
  }
}
