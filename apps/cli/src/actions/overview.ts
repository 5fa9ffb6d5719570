import { exitCodes } from '../exit-codes.ts'
import { jsonDocument } from '../render/json.ts'
import { overviewLines } from '../render/overview.ts'
import type { Session } from '../session.ts'

/** Shows what needs the caller, and what runs where. */
export async function showOverview({ client, json, write, print, notify }: Session): Promise<number> {
  const overview = await client.getOverview()
  if (json) write(jsonDocument(overview))
  else if (overview.places.length === 0) notify(['No applications yet. Register one: vesemir apps apply -f app.yml'])
  else overviewLines(overview, { nowMs: Date.now() }).forEach(print)
  return exitCodes.succeeded
}
