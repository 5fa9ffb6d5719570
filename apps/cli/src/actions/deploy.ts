import { randomUUID } from 'node:crypto'
import { ApiError, durationMs, isDuration } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { exitCodes } from '../exit-codes.ts'
import { jsonLine } from '../render/json.ts'
import type { Session } from '../session.ts'
import { buildRequest, type RequestOptions } from './build-request.ts'
import { followToEnd } from './open-viewer.ts'
import { showPlan } from './plan.ts'

export interface DeployOptions extends RequestOptions {
  dryRun?: boolean
  detach?: boolean
  timeout?: string
  idempotencyKey?: string
}

/** Asks for a deployment and follows it to its end, unless it is to be detached. */
export async function deploy(application: string, options: DeployOptions, session: Session): Promise<number> {
  if (options.dryRun) return showPlan(application, options, session)
  const { json, write, tell } = session
  const limitMs = readLimit(options.timeout)
  const id = await askForDeployment(application, options, session)
  if (!options.detach) return followToEnd(id, { session, after: 0, limitMs })
  write(json ? jsonLine({ id, status: 'queued', exit: exitCodes.succeeded }) : `${id}\n`)
  if (!json) tell([`accepted. To watch it: vesemir logs ${id} -f`])
  return exitCodes.succeeded
}

function readLimit(timeout: string | undefined): number | undefined {
  if (timeout === undefined) return undefined
  if (isDuration(timeout)) return durationMs(timeout)
  throw new VesemirError('REQUEST_INVALID', `--timeout: "${timeout}" is not a duration such as "30s" or "5m"`)
}

async function askForDeployment(
  application: string,
  options: DeployOptions,
  { client, tell }: Session,
): Promise<string> {
  const { idempotencyKey = randomUUID() } = options
  const request = await buildRequest(application, { options, client })
  try {
    const { id } = await client.createDeployment(request, { idempotencyKey })
    return id
  } catch (error) {
    if (error instanceof ApiError && error.isPassing)
      tell([`To ask again and not deploy twice, add --idempotency-key ${idempotencyKey}`])
    throw error
  }
}
