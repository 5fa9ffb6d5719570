import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { FastifyAdapter } from '@bull-board/fastify'
import type { HostJob, NoticeJob, Queues } from '@vesemir/store/queue'
import type { Action } from '@vesemir/contract'
import { findGrant, isVesemirError, VesemirError } from '@vesemir/core'
import type { JobType } from 'bullmq'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { authorize } from '../access.ts'
import { json, noteForAudit } from '../audit.ts'
import { isRefusal } from '../problems.ts'
import { toolPagePolicy } from '../security-headers.ts'
import { retryByCommand, type RetryPorts } from './retry-job.ts'
import { showRecords, type RecordPorts } from './show-records.ts'

const path = '/queues'
const readOnlyPath = '/queues/view'
const retryPath = `${path}/api/queues/:queueName/:jobId/retry`

interface QueuesPorts extends Omit<RetryPorts, 'queues'>, Pick<RecordPorts, 'eventLog'> {
  queues: Pick<Queues, 'all' | 'enqueueDeployment'>
}

/**
 * Adds the queue dashboard, for those who may see every application, since it shows the jobs of all: viewers get one without
 * buttons; deployers may retry a job, which is a command where its work has ended; what else changes a queue is for admins.
 */
export async function registerQueues(app: FastifyInstance, ports: QueuesPorts): Promise<void> {
  const { log } = app
  await app.register(async (scope) => {
    scope.addHook('onRequest', async (_request, reply) => {
      reply.header('content-security-policy', toolPagePolicy)
    })
    scope.addHook('onRequest', async (request, reply) => {
      if (findGrant(request.caller.grants, 'read', {})) return undefined
      const message = `${request.method} ${request.url.split('?')[0]} not found`
      scope.errorHandler(new VesemirError('NOT_FOUND', message) as never, request, reply)
      return reply
    })
    scope.addHook('onSend', styleBoard)
    await scope.register(async (readOnly) => {
      await readOnly.register(createBoard(ports, { isReadOnly: true, log }), { prefix: readOnlyPath })
    })
    await scope.register(async (working) => {
      working.addHook('onRequest', sendViewersToTheirs)
      working.addHook('onRequest', async (request) => requireEverywhere(request, actionOf(request)))
      working.addHook('preHandler', async (request) => requireBody(request))
      working.addHook('preHandler', async (request, reply) => retry(request, reply, ports))
      working.addHook('onSend', recordChange)
      await working.register(createBoard(ports, { isReadOnly: false, log }), { prefix: path })
    })
  })
}

/** Records whatever changes a queue, and who was refused. */
async function recordChange(request: FastifyRequest, { statusCode }: FastifyReply): Promise<void> {
  const { method, routeOptions, server, params } = request
  if (method === 'GET' || method === 'HEAD') return
  const action =
    routeOptions.url === retryAllPath ? 'queue:retry-all' : `queue:${routeOptions.url?.split('/').at(-1) ?? method}`
  const outcome = statusCode < 400 ? 'succeeded' : statusCode < 500 ? 'refused' : 'failed'
  noteForAudit(request, { before: json(params) })
  await server.audit(request, { action, outcome })
}

/** The board shows an error in one line, and the hint of it is a line of its own. */
const errorStyle = '[role="tabpanel"] > .error { white-space: pre-line }'

/**
 * Hides what would be refused. The board has no setting between all of its buttons and none, and they have no names: of the lists of
 * a job's buttons, only that of a failed job has four, with Retry as the first. A queue's menu has nothing else; in the menu of all
 * queues, such entries stand above the line.
 */
const forbiddenStyle = `
ul[class^="jobActions-"] > li:not(:first-child:nth-last-child(4)), ul[class^="queueActions-"],
main button[class^="trigger-"][aria-haspopup="menu"],
[role="menu"] > [role="menuitem"]:has(~ [role="separator"]), [role="menu"] > [role="separator"] { display: none }`

async function styleBoard(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  if (typeof payload !== 'string' || !String(reply.getHeader('content-type')).startsWith('text/html')) return payload
  const mayChange = findGrant(request.caller.grants, 'change-queues', {}) !== undefined
  reply.removeHeader('etag')
  return payload.replace('</head>', `<style>${errorStyle}${mayChange ? '' : forbiddenStyle}</style></head>`)
}

async function sendViewersToTheirs(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  if (findGrant(request.caller.grants, 'retry-job', {}) || request.method !== 'GET') return undefined
  return reply.redirect(readOnlyPath + request.url.slice(path.length))
}

function requireEverywhere({ caller }: FastifyRequest, action: Action): void {
  authorize(caller, { action, subject: {}, unseen: () => new VesemirError('NOT_FOUND', 'queues not found') })
}

/** The board reads its jobs from a body without a look whether there is one. */
function requireBody({ routeOptions, body }: FastifyRequest): void {
  if (!/\/(?:add|update-data)$/.test(routeOptions.url ?? '') || (typeof body === 'object' && body !== null)) return
  throw new VesemirError('REQUEST_INVALID', 'the body of the request is not a JSON object')
}

const retryAllPath = `${path}/api/queues/:queueName/retry/:queueStatus`

function actionOf({ method, routeOptions }: FastifyRequest): Action {
  const isRetry = routeOptions.url === retryPath
  return method === 'GET' || method === 'HEAD' || isRetry ? 'retry-job' : 'change-queues'
}

/** Answers what a command does instead of the board, which would run jobs again whose work has ended. */
async function retry(
  request: FastifyRequest,
  reply: FastifyReply,
  ports: QueuesPorts,
): Promise<FastifyReply | undefined> {
  const { queueName, jobId, queueStatus } = request.params as Record<string, string>
  const job = { queueName: queueName ?? '', jobId: jobId ?? '', request }
  if (request.routeOptions.url === retryPath)
    return (await retryByCommand(job, ports)) ? reply.status(204).send() : undefined
  if (request.routeOptions.url !== retryAllPath || queueStatus === undefined) return undefined
  const jobs = await ports.queues.all.find(({ name }) => name === queueName)?.getJobs([queueStatus as JobType])
  for (const { id = '' } of jobs ?? []) await retryOneOfAll({ ...job, jobId: id }, ports)
  return undefined
}

/** Records each retry by itself. One that is refused holds up none of the others. */
async function retryOneOfAll(job: Parameters<typeof retryByCommand>[0], ports: QueuesPorts): Promise<void> {
  const { request } = job
  const action = 'queue:retry'
  try {
    if (await retryByCommand(job, ports)) await request.server.audit(request, { action, outcome: 'succeeded' })
  } catch (error) {
    if (!isVesemirError(error)) throw error
    await request.server.audit(request, { action, outcome: 'refused', code: error.code })
  }
}

interface BoardOptions {
  isReadOnly: boolean
  log: FastifyBaseLogger
}

function createBoard(ports: QueuesPorts, { isReadOnly, log }: BoardOptions) {
  const serverAdapter = new FastifyAdapter()
  serverAdapter.setBasePath(isReadOnly ? readOnlyPath : path)
  createBullBoard({
    queues: ports.queues.all.map((queue) => adapt(queue, { isReadOnly, ports })),
    serverAdapter,
    options: {
      uiConfig: {
        boardTitle: 'Vesemir: queues',
        hideDocsLink: true,
        miscLinks: [
          { text: 'Deployments', url: '/' },
          { text: 'API', url: '/docs' },
        ],
      },
    },
  })
  // The board's own handler would show every error's words.
  serverAdapter.setErrorHandler((error) => toBoardError(error, log))
  return serverAdapter.registerPlugin()
}

type BoardError = ReturnType<Parameters<FastifyAdapter['setErrorHandler']>[0]>

/** An error as the board's page shows it. */
function toBoardError(error: unknown, log: FastifyBaseLogger): BoardError {
  if (isVesemirError(error)) {
    const { code, message } = error
    const body = { error: { key: `ERRORS.${code}` }, message, code }
    const statuses: Partial<Record<typeof code, 400 | 403>> = { FORBIDDEN: 403, REQUEST_INVALID: 400 }
    return { status: statuses[code] ?? 409, body }
  }
  if (isRefusal(error)) {
    const { statusCode, message } = error
    const status = statusCode as NonNullable<BoardError['status']>
    return { status, body: { error: { key: 'ERRORS.REQUEST_INVALID' }, message, code: 'REQUEST_INVALID' } }
  }
  log.error({ err: error }, 'queue dashboard failed')
  return { status: 500, body: { error: { key: 'ERRORS.INTERNAL_SERVER_ERROR' }, message: "see the API's log" } }
}

const descriptions: Record<string, string> = {
  deployments: 'One job for each deployment: plans, then starts the jobs of its hosts.',
  hosts: 'One job for each host: its steps.',
  questions: 'Requests that only a worker can answer: plans and checks.',
  notifications: 'One job for each notification; a failed one is sent again.',
}

function adapt(
  queue: Queues['all'][number],
  { isReadOnly, ports }: { isReadOnly: boolean; ports: RecordPorts },
): BullMQAdapter {
  const [, kind, cluster] = /^([^-]+)-(.+)$/.exec(queue.name)!
  const adapter = new BullMQAdapter(queue, {
    readOnlyMode: isReadOnly,
    ...retriesOf(kind!),
    displayName: `${cluster}: ${kind}`,
    description: `${descriptions[kind!]} Cluster ${cluster}.`,
    ...(kind === 'questions' ? {} : { externalJobUrl: linkToDeployment }),
  })
  if (kind === 'deployments' || kind === 'hosts') showRecords(adapter, ports)
  return adapter
}

/** Nobody waits for the answer to an old question; and what succeeded is not done again. The board's types lack the second. */
function retriesOf(kind: string): { allowRetries: boolean; allowCompletedRetries: boolean } {
  return { allowRetries: kind !== 'questions', allowCompletedRetries: false }
}

function linkToDeployment({ data }: { data: unknown }): { displayText: string; href: string } {
  const { deploymentId, host, notice } = data as Partial<HostJob & NoticeJob>
  const id = deploymentId ?? notice?.deployment.id
  const place = host === undefined ? '' : `?host=${encodeURIComponent(host)}`
  return { displayText: `Deployment ${id}`, href: `/deployments/${id}${place}` }
}
