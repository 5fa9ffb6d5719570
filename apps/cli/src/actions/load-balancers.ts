import { exitCodes } from '../exit-codes.ts'
import { findingLines } from '../render/checks.ts'
import { jsonDocument } from '../render/json.ts'
import type { Session } from '../session.ts'

export interface BalancerOptions {
  cluster?: string
  application?: string
  environment?: string
  fix?: boolean
}

/**
 * Finds servers that Vesemir left out of rotation or at a reduced weight, and with `fix` puts them back. Exits with 1 while
 * any of them is left so, or marks could not be read.
 */
export async function examineBalancers({
  session,
  fix = false,
  ...where
}: BalancerOptions & { session: Session }): Promise<number> {
  const { client, json, write, print, notify } = session
  const report = await client.doctorBalancers({ ...where, fix })
  const { servers, unread = [] } = report
  if (json) write(jsonDocument(report))
  else if (servers.length > 0) findingLines(servers).forEach(print)
  else if (unread.length === 0)
    notify([`Vesemir left no servers out of rotation${where.cluster === undefined ? '' : ` in ${where.cluster}`}`])
  for (const { place, message } of unread) notify([`failed to read the marks of ${place}: ${message}`])
  if (!json && servers.some(({ action }) => action === 'restorable'))
    notify(['Nothing changed. Restore these servers: run the command again with --fix'])
  const isWell = servers.every(
    ({ verdict, action }) => (verdict !== 'left-out' && verdict !== 'reduced') || action === 'restored',
  )
  return isWell && unread.length === 0 ? exitCodes.succeeded : exitCodes.failed
}
