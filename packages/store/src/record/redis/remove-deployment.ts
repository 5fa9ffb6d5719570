import type { DeploymentView } from '@vesemir/contract'
import { indexedFields } from './keys.ts'
import type { Store } from './store.ts'

/**
 * Removes all that is kept of a deployment, in one step, as long as it has ended and nothing has happened to it since it was
 * read. That there was one under this number is remembered. Gives whether it was removed.
 */
export async function removeDeployment(
  { keys, scripts }: Store,
  { deployment: { id, spec }, cursor }: Pick<DeploymentView, 'deployment' | 'cursor'>,
): Promise<boolean> {
  const removed = await scripts.removeDeployment(
    [
      keys.record(id),
      keys.events(id),
      keys.log(id),
      keys.active,
      keys.removed,
      keys.deployments,
      ...indexedFields.map((field) => keys.index(field, spec[field])),
    ],
    [id, cursor, id.slice('d-'.length), keys.changes],
  )
  return removed === 1
}
