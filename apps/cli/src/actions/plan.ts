import { formatDateTime } from '@vesemir/words'
import { exitCodes } from '../exit-codes.ts'
import { jsonDocument } from '../render/json.ts'
import { previewLines } from '../render/preview.ts'
import { planMarkdown } from '../reports/plan-markdown.ts'
import type { Session } from '../session.ts'
import { buildRequest, type RequestOptions } from './build-request.ts'

export interface PlanOptions extends RequestOptions {
  /** Print Markdown. */
  markdown?: boolean
  /** Comment on the pull request of the CI job. */
  comment?: boolean
}

/** Shows what a deployment would do, and in a CI job on its pull request; changes nothing. */
export async function showPlan(application: string, options: PlanOptions, session: Session): Promise<number> {
  const { client, json, write, print, notify } = session
  const { environment, version, markdown = false, comment = false } = options
  const preview = await client.createPlan(await buildRequest(application, { options, client }))
  const { id, needsYes, expiresAt } = preview
  const command = `vesemir deploy --plan ${id}${needsYes ? ' --yes' : ''}${session.reachOption}`
  const about = { application, environment, version }
  if (json) write(jsonDocument(preview))
  else if (markdown) write(planMarkdown(preview, { ...about, command }))
  else {
    previewLines(preview, about).forEach(print)
    notify([`Nothing changed. Deploy exactly this until ${formatDateTime(expiresAt)}: ${command}`])
  }
  if (comment) {
    const { putComment } = await import('../ci/plan-comment.ts')
    const topic = `plan ${application} ${environment}`
    await putComment(planMarkdown(preview, { ...about, command }), { topic, env: process.env })
  }
  return exitCodes.succeeded
}
