import type { Failure } from '@vesemir/contract'
import { applyDeploymentFact } from '@vesemir/core'
import { isUnreliable } from '../../redis/read-json.ts'
import { noSeals } from '../../seal/seals.ts'
import { fields } from './keys.ts'
import { sealContexts } from './seal-contexts.ts'
import { countCommands, openRow, rowFields, writeRow, type Row, type Store } from './store.ts'
import { createWriter } from './writer.ts'

/**
 * Ends a deployment as failed whose record cannot be relied on. From then on it says what was ordered, where that is signed; else
 * what stands there.
 * @throws {VesemirError} `RECORD_INVALID` when that is no deployment at all
 */
export async function refuseDeployment(store: Store, { id, failure }: { id: string; failure: Failure }): Promise<void> {
  const claimed = await store.scripts.claim([store.keys.record(id)], ['', fields.status, ...rowFields])
  if (!claimed) return
  const [attempt, values] = claimed
  const { deployment, followed } = readWhatHolds(store, id, values)
  const writer = createWriter(store, { deployment, place: deployment.spec, scope: '', attempt, head: '' })
  const fact = { type: 'deployment.ended' as const, outcome: 'failed' as const, failure }
  await writer.append(fact, (at) => {
    const ended = applyDeploymentFact(deployment, fact, at)
    return {
      record: {
        field: fields.deployment,
        place: sealContexts.deployment(id),
        text: writeRow(ended, { followed }),
      },
      fields: [[fields.status, ended.state.status]],
      end: { commands: followed },
    }
  })
}

/** Whatever was commanded until now is refused too. */
function readWhatHolds(
  store: Store,
  id: string,
  values: readonly (string | null)[],
): Pick<Row, 'deployment' | 'followed'> {
  const [, order = null, commands, ...counts] = values
  const followed = countCommands(id, commands)
  const read = (from: Store, fields: readonly (string | null)[]) => ({ ...openRow(from, id, fields)!, followed })
  try {
    return read(store, [null, order, null, ...counts])
  } catch (error) {
    if (!isUnreliable(error)) throw error
    return read({ ...store, seals: noSeals }, values)
  }
}
