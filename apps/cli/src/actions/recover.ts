import { exitCodes } from '../exit-codes.ts'
import { findingLines } from '../render/checks.ts'
import { jsonDocument } from '../render/json.ts'
import type { Session } from '../session.ts'

export interface RecoverOptions {
  environment?: string
  yes?: boolean
}

/**
 * Finds servers that deployments took out of rotation and Redis has forgotten, and with `yes` puts them back. Exits with 1 while any of
 * them is left so, or a host could not be asked.
 */
export async function recover(
  application: string,
  { session, environment, yes = false }: RecoverOptions & { session: Session },
): Promise<number> {
  const { client, json, write, print, notify } = session
  const report = await client.recover(application, { ...(environment === undefined ? {} : { environment }), fix: yes })
  const { servers, unasked } = report
  if (json) write(jsonDocument(report))
  else {
    if (servers.length > 0) findingLines(servers).forEach(print)
    for (const { host, message } of unasked) notify([`failed to read the mark of ${host}: ${message}`])
    if (servers.length + unasked.length === 0)
      notify([`No server of ${application} is out of rotation by a deployment that Redis has forgotten`])
    if (servers.some(({ action }) => action === 'restorable'))
      notify(['Nothing changed. Restore these servers: run the command again with --yes, or deploy'])
  }
  const isWell = servers.every(({ action, verdict }) => action === 'restored' || verdict === 'back')
  return isWell && unasked.length === 0 ? exitCodes.succeeded : exitCodes.failed
}
