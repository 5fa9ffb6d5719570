import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { VesemirError } from '@vesemir/core'
import { recordPublicKey } from './record-signing-key.ts'

/** The settings `orders` of the API and of workers that name the keys of a folder. */
export interface KeySettings {
  api: { key: string; recordPublicKeys: string[] }
  worker: { publicKeys: string[]; recordKeys: string[] }
}

/**
 * Makes the keys of an installation in a folder, which only its owner may read: `orders.key`, with which the API signs,
 * `orders.pub`, by which workers know its orders, `record.key`, by which workers know each other's records, and `record.pub`, by
 * which the API knows them.
 * @throws {VesemirError} `CONFIG_INVALID` when one of the files is there already
 */
export async function makeKeys(folder: string): Promise<KeySettings> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeNew(join(folder, 'orders.key'), privateKey)
  await writeNew(join(folder, 'orders.pub'), publicKey)
  const secret = randomBytes(32).toString('base64url')
  await writeNew(join(folder, 'record.key'), `${secret}\n`)
  await writeNew(join(folder, 'record.pub'), recordPublicKey(secret))
  return keySettings(folder)
}

/** Returns the settings that name the keys which `makeKeys` has made in a folder. */
export function keySettings(folder: string): KeySettings {
  return {
    api: { key: join(folder, 'orders.key'), recordPublicKeys: [join(folder, 'record.pub')] },
    worker: { publicKeys: [join(folder, 'orders.pub')], recordKeys: [join(folder, 'record.key')] },
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { mode: 0o600, flag: 'wx' })
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new VesemirError('CONFIG_INVALID', `${path} cannot be written: ${code}`, { cause })
  }
}
