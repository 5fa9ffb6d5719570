import { HostRecord } from '@vesemir/contract'
import type { Begun } from '@vesemir/core'
import { readJson } from '../../redis/read-json.ts'
import { fields } from './keys.ts'
import { hostOf } from './read-deployment.ts'
import type { Store } from './store.ts'

/** Notes that a run of the deployment's job begins. Gives nothing when there is no such deployment. */
export async function beginRun(store: Store, { id, run }: { id: string; run: number }): Promise<Begun | undefined> {
  return (await begin(store, { id, scope: '', run, field: fields.deployment }))?.begun
}

/** The same for a host's job; the host is read in the same moment, and no other: a deployment can have thousands. */
export async function beginHostRun(
  store: Store,
  { id, host, run }: { id: string; host: string; run: number },
): Promise<{ begun: Begun; host: HostRecord } | undefined> {
  const begun = await begin(store, { id, scope: host, run, field: fields.host(host) })
  return begun && { begun: begun.begun, host: readJson(HostRecord, begun.json, hostOf(id, host)) }
}

async function begin(
  { scripts, keys }: Store,
  { id, scope, run, field }: { id: string; scope: string; run: number; field: string },
): Promise<{ begun: Begun; json: string } | undefined> {
  const reply = await scripts.beginRun([keys.record(id)], [scope, run, field])
  if (!reply) return undefined
  const [hadBegun, json] = reply
  return { begun: hadBegun === 1 ? 'again' : 'anew', json }
}
