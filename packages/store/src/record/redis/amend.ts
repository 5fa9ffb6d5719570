import type { Deployment, DeploymentEvent } from '@vesemir/contract'
import { isEnded, VesemirError } from '@vesemir/core'
import type { z } from 'zod'
import { fields } from './keys.ts'
import { noteResumption } from './listing/listing.ts'
import { sealContexts } from './seal-contexts.ts'
import type { CommandOrder } from './schemas.ts'
import { openRow, rowFields, timestamp, writeRow, type Row, type Store } from './store.ts'

type WithoutSeq<Event> = Event extends unknown ? Omit<Event, 'seq'> : never

/**
 * What is to be appended, and the deployment after it where no worker runs it. One that has not ended has its turn to come. A
 * command is the API's to sign; all else is a worker's, which writes the record too.
 */
export interface Amendment {
  event: WithoutSeq<DeploymentEvent>
  after?: Deployment
}

/** How often somebody else may come in between before it is given up. */
const mostTries = 20

/**
 * Appends an event without a claim: decides by the record, and again when it has changed meanwhile. Gives whether anything
 * was appended, or undefined when there is no such deployment.
 */
export async function amend(
  store: Store,
  id: string,
  decide: (deployment: Deployment, at: string) => Amendment | undefined | Promise<Amendment | undefined>,
): Promise<boolean | undefined> {
  const { redis, keys, scripts } = store
  for (let tries = 0; tries < mostTries; tries += 1) {
    const [seq, commands, ...values] = await redis.hmget(keys.record(id), fields.seq, fields.commands, ...rowFields)
    const row = openRow(store, id, values)
    if (!row) return undefined
    const { deployment } = row
    const amendment = await decide(deployment, timestamp(store.clock))
    if (!amendment) return false
    const { after } = amendment
    const { event, command, changed } = seal(store, row, amendment)
    if (after && isEnded(deployment) && !isEnded(after)) await noteResumption(store, id)
    const appended = await scripts.amend(
      [keys.record(id), keys.events(id), keys.ofDeployment(id).active, keys.turns(deployment.spec)],
      [
        commands ?? '',
        deployment.state.status,
        after ? seq! : '',
        event,
        command,
        keys.commands(id),
        keys.changes,
        after && !isEnded(after) ? id : '',
        ...changed,
      ],
    )
    if (appended > 0) return true
  }
  throw new VesemirError('RECORD_INVALID', `the record of ${id} in Redis does not agree with its status`)
}

interface Sealed {
  event: string
  /** What is added to the commands, but for its number; '' where there is none. */
  command: string
  /** Fields of the record and their values. */
  changed: string[]
}

function seal(store: Store, row: Row, { event, after }: Amendment): Sealed {
  const { seals } = store
  const { deployment, followed, head } = row
  const status = after ? [fields.status, after.state.status] : []
  if (event.type === 'deployment.commanded') {
    const { command, by, at } = event
    const place = sealContexts.command(deployment, followed + deployment.commands.length)
    const order = seals.orders.put(place, JSON.stringify({ command, by, at } satisfies z.infer<typeof CommandOrder>))
    return { event: JSON.stringify(event), command: JSON.stringify({ order }), changed: status }
  }
  const written = after && seals.rows.put(sealContexts.deployment(deployment.id), writeRow(after, row), head)
  return {
    event: seals.rows.put(sealContexts.event(deployment, ''), JSON.stringify(event)),
    command: '',
    changed: written === undefined ? [] : [...status, fields.deployment, written],
  }
}
