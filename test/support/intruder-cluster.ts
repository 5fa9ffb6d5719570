import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fleet } from '../../infra/fleet/fleet.ts'
import { clusterSettings } from '../../infra/vesemir/worker-settings.ts'

/** Gives a cluster `intruder`: the fleet, with a Chef client's key that the Chef server does not know. */
export async function intruderCluster(fleet: Fleet, { artifacts }: { artifacts: string }) {
  const { url, clientName } = fleet.chef
  const clientKey = join(fleet.dir, 'intruder.pem')
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  await writeFile(clientKey, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 })
  const inventory = { kind: 'chef', serverUrl: url, clientName, clientKey }
  return { intruder: { ...clusterSettings(fleet, artifacts), inventory } }
}
