import { exitCodes } from '../exit-codes.ts'
import { jsonDocument } from '../render/json.ts'
import { statusLines } from '../render/status.ts'
import type { Session } from '../session.ts'

/** Shows a deployment as it stands. */
export async function showStatus(id: string, { client, json, write, print }: Session): Promise<number> {
  const view = await client.getDeployment(id)
  if (json) write(jsonDocument(view))
  else statusLines(view, { nowMs: Date.now() }).forEach(print)
  return exitCodes.succeeded
}
