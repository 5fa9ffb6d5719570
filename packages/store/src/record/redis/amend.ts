import type { Deployment, DeploymentEvent, GivenCommand } from '@vesemir/contract'
import { isEnded, VesemirError } from '@vesemir/core'
import { fields } from './keys.ts'
import { readRow, rowFields, timestamp, writeRow, type Store } from './store.ts'

type WithoutSeq<Event> = Event extends unknown ? Omit<Event, 'seq'> : never

/** What is to be appended, and the deployment after it where no worker has it in hand. One that has not ended has its turn to come. */
export interface Amendment {
  event: WithoutSeq<DeploymentEvent>
  command?: Omit<GivenCommand, 'seq'>
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
    const [seq, commands, ...row] = await redis.hmget(keys.record(id), fields.seq, fields.commands, ...rowFields)
    const deployment = readRow(id, row)
    if (!deployment) return undefined
    const amendment = await decide(deployment, timestamp(store.clock))
    if (!amendment) return false
    const { event, command, after } = amendment
    const appended = await scripts.amend(
      [keys.record(id), keys.events(id), keys.active, keys.turns(deployment.spec)],
      [
        commands ?? '',
        deployment.state.status,
        after ? seq! : '',
        JSON.stringify(event),
        command ? JSON.stringify(command) : '',
        keys.commands(id),
        after && !isEnded(after) ? id : '',
        ...(after ? writeRow(after).flat() : []),
      ],
    )
    if (appended > 0) return true
  }
  throw new VesemirError('INTERNAL', `${id} changed too often to be told anything`)
}
