import type { Client } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'

/** Returns the id of the newest deployment for `latest`, and any other id as it is. */
export async function findLatest(id: string, client: Pick<Client, 'listDeployments'>): Promise<string> {
  if (id !== 'latest') return id
  const [newest] = (await client.listDeployments({ limit: 1 })).deployments
  if (newest) return newest.id
  throw new VesemirError('DEPLOYMENT_UNKNOWN', 'no deployments found')
}
