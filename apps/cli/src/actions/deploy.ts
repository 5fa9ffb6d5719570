import { randomUUID } from 'node:crypto'
import { ApiError, Duration, durationMs } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { exitCodes } from '../exit-codes.ts'
import { followDeployment } from '../follow.ts'
import { applyOverrides, needsDefinition, readOverrides, type OverrideOptions } from '../overrides.ts'
import { jsonLine } from '../render/json.ts'
import type { Session } from '../session.ts'
import { openViewer, sayHowToComeBack } from './open-viewer.ts'

export interface DeployOptions extends OverrideOptions {
  environment: string
  version: string
  reason?: string
  follow?: boolean
  detach?: boolean
  timeout?: string
  idempotencyKey?: string
}

/** Asks for a deployment and, unless told not to, follows it to its end. */
export async function deploy(application: string, options: DeployOptions, session: Session): Promise<number> {
  const { json, write, tell } = session
  const limitMs = readLimit(options.timeout)
  const id = await askForDeployment(application, options, session)
  const isFollowed = !options.detach && (options.follow ?? (session.isInteractive || limitMs !== undefined))
  if (!isFollowed) {
    write(json ? jsonLine({ id, status: 'queued', exit: exitCodes.succeeded }) : `${id}\n`)
    if (!json) tell([`accepted. To watch it: vesemir logs ${id} -f`])
    return exitCodes.succeeded
  }
  const viewer = openViewer(session, { isLive: true })
  const followed = await followDeployment(id, { client: session.client, viewer, after: 0, until: 'end', limitMs })
  if (followed.error) session.tellError(followed.error)
  sayHowToComeBack(id, followed, session)
  const { view, exit } = followed
  if (json) write(jsonLine({ id, status: view?.deployment.state.status ?? 'queued', exit }))
  return exit
}

function readLimit(timeout: string | undefined): number | undefined {
  if (timeout === undefined) return undefined
  const checked = Duration.safeParse(timeout)
  if (checked.success) return durationMs(checked.data)
  throw new VesemirError('REQUEST_INVALID', `--timeout: ${checked.error.issues[0]!.message}`)
}

async function askForDeployment(
  application: string,
  options: DeployOptions,
  { client, tell }: Session,
): Promise<string> {
  const { environment, version, reason, idempotencyKey = randomUUID() } = options
  const overrides = readOverrides(options)
  const definition = needsDefinition(overrides) ? await client.getApplication(application) : undefined
  const settings = applyOverrides(overrides, { definition, environment })
  const request = { application, environment, version, ...(reason === undefined ? {} : { reason }), ...settings }
  try {
    const { id } = await client.createDeployment(request, { idempotencyKey })
    return id
  } catch (error) {
    if (error instanceof ApiError && error.isPassing)
      tell([`To ask again and not deploy twice, add --idempotency-key ${idempotencyKey}`])
    throw error
  }
}
