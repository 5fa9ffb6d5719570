import { readKey } from '@vesemir/process/keys'
import { createFolderStorage } from './folder-storage.ts'
import { createS3Storage } from './s3-storage.ts'
import type { ArchiveSettings } from './settings.ts'
import type { ArchiveStorage } from './storage.ts'

/** Opens the storage that the settings name, and has its secret masked. @throws {VesemirError} `CONFIG_INVALID` where the secret cannot be read */
export async function openArchiveStorage(
  { folder, s3 }: ArchiveSettings,
  { env, masker }: { env: NodeJS.ProcessEnv; masker?: { add: (secret: string) => void } },
): Promise<ArchiveStorage> {
  if (!s3) return createFolderStorage(folder!)
  const secret = (await readKey(s3.secretAccessKey, env)).trim()
  masker?.add(secret)
  return createS3Storage(s3, secret)
}
