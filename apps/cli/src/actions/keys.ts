import { makeKeys } from '@vesemir/process/keys'
import { exitCodes } from '../exit-codes.ts'
import { jsonLine } from '../render/json.ts'
import type { Output } from '../session.ts'

/** Creates keys in a folder, and prints the settings that name them. */
export async function createKeys(folder: string, output: Output): Promise<number> {
  const { api, worker } = await makeKeys(folder)
  if (output.json) output.write(jsonLine({ api, worker }))
  else {
    output.print([`API:     orders: { key: ${api.key}, recordPublicKeys: [${api.recordPublicKeys.join()}] }`])
    output.print([
      `workers: orders: { publicKeys: [${worker.publicKeys.join()}], recordKeys: [${worker.recordKeys.join()}] }`,
    ])
  }
  return exitCodes.succeeded
}
