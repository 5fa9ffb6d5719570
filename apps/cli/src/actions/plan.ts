import { formatDateTime } from '@vesemir/words'
import { exitCodes } from '../exit-codes.ts'
import { jsonDocument } from '../render/json.ts'
import { previewLines } from '../render/preview.ts'
import type { Session } from '../session.ts'
import { buildRequest, type RequestOptions } from './build-request.ts'

/** Shows what a deployment would do; changes nothing. */
export async function showPlan(application: string, options: RequestOptions, session: Session): Promise<number> {
  const { client, json, write, print, notify } = session
  const { environment, version } = options
  const preview = await client.createPlan(await buildRequest(application, { options, client }))
  if (json) write(jsonDocument(preview))
  else {
    previewLines(preview, { application, environment, version }).forEach(print)
    const { id, needsYes, expiresAt } = preview
    const command = `vesemir deploy --plan ${id}${needsYes ? ' --yes' : ''}${session.reachOption}`
    notify([`Nothing changed. Deploy exactly this until ${formatDateTime(expiresAt)}: ${command}`])
  }
  return exitCodes.succeeded
}
