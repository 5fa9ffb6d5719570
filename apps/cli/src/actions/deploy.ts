import { randomUUID } from 'node:crypto'
import { ApiError, durationMs, isDuration } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { quiet } from '@vesemir/words'
import { exitCodes } from '../exit-codes.ts'
import { jsonLine } from '../render/json.ts'
import { checkReports, type ReportOptions } from '../reports/write-reports.ts'
import type { Session } from '../session.ts'
import { buildRequest, type RequestOptions } from './build-request.ts'
import { followToEnd } from './open-viewer.ts'
import { openInBrowser, pageOf } from './page.ts'
import { showPlan } from './plan.ts'

/** Options that say for how long a deployment is followed, and what is told of it. */
export interface FollowOptions extends ReportOptions {
  detach?: boolean
  /** Opens the deployment's page. */
  web?: boolean
  timeout?: string
}

interface StartOptions extends FollowOptions {
  idempotencyKey?: string
}

export interface DeployOptions extends RequestOptions, StartOptions {
  dryRun?: boolean
}

/** Options that a plan leaves open. */
export interface DeployPlanOptions extends Pick<RequestOptions, 'reason' | 'wait' | 'override' | 'yes'>, StartOptions {
  plan: string
}

/** Requests a deployment and follows it to its end, unless `detach` is set. */
export async function deploy(application: string, options: DeployOptions, session: Session): Promise<number> {
  if (options.dryRun) return showPlan(application, options, session)
  const { client } = session
  return start(options, {
    session,
    ask: async (key) => client.createDeployment(await buildRequest(application, { options, client }), key),
  })
}

/** Requests the deployment of exactly what a plan says, and follows it as `deploy` does. */
export async function deployPlan(options: DeployPlanOptions, session: Session): Promise<number> {
  const { plan, reason, wait = true, override, yes } = options
  const request = {
    ...(reason === undefined ? {} : { reason }),
    ...(wait ? {} : { wait }),
    ...(override ? { override } : {}),
    ...(yes ? { acceptLowCapacity: true } : {}),
  }
  return start(options, { session, ask: (key) => session.client.deployPlan(plan, request, key) })
}

interface Start {
  session: Session
  ask: (key: { idempotencyKey: string }) => Promise<{ id: string }>
}

async function start(options: StartOptions, { session, ask }: Start): Promise<number> {
  readLimit(options.timeout)
  checkReports(options)
  return followStarted(await askOnce(options, { session, ask }), options, session)
}

/** Follows a deployment that was just accepted to its end, unless `detach` is set. */
export async function followStarted(id: string, options: FollowOptions, session: Session): Promise<number> {
  const { json, write, notify } = session
  const limitMs = readLimit(options.timeout)
  const page = pageOf(session.url, id)
  if (!json) notify([quiet(page)])
  if (options.web) openInBrowser(page)
  if (!options.detach) return followToEnd(id, { session, reports: options, after: 0, limitMs })
  write(json ? jsonLine({ id, status: 'queued', exit: exitCodes.succeeded }) : `${id}\n`)
  if (!json) notify([`Deployment accepted. Follow it: vesemir logs ${id} -f`])
  return exitCodes.succeeded
}

/** Reads how long to follow, in ms. @throws {VesemirError} `REQUEST_INVALID` */
export function readLimit(timeout: string | undefined): number | undefined {
  if (timeout === undefined) return undefined
  if (isDuration(timeout)) return durationMs(timeout)
  throw new VesemirError('REQUEST_INVALID', `--timeout: "${timeout}" is not a duration, e.g. 30s or 5m`)
}

async function askOnce({ idempotencyKey = randomUUID() }: StartOptions, { session, ask }: Start): Promise<string> {
  try {
    return (await ask({ idempotencyKey })).id
  } catch (error) {
    if (error instanceof ApiError && error.isPassing)
      session.notify([`To try again without deploying twice, add --idempotency-key ${idempotencyKey}`])
    throw error
  }
}
