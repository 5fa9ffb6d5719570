import type { z } from 'zod'
import { ApiError, invalid, answerNotUnderstood, unreachable } from './api-error.ts'
import type { ApiTokenRequest } from './api-token.ts'
import type { ApplicationDefinition } from './application.ts'
import type { AuditQuery } from './audit.ts'
import type { Command } from './command.ts'
import type { ConvergeRequest } from './converge.ts'
import type { DeploymentRequest, PlanDeploymentRequest } from './deployment.ts'
import { deploymentIdPattern, describeInvalidId } from './deployment-id.ts'
import { endpoints } from './endpoints.ts'
import { followEvents, type FollowOptions, type OpenMessages } from './follow-events.ts'
import type { AccessQuery } from './grant.ts'
import type { BalancerDoctorRequest, HostsQuery, RecoveryRequest } from './inspection.ts'
import { parseJson } from './parse-json.ts'
import type { Problem } from './problem.ts'
import type { ArchiveFilter, DeploymentFilter, EventQuery, routes } from './routes.ts'
import type { StatisticsQuery } from './statistics.ts'
import type { WorkerDrainRequest } from './worker.ts'

export interface ClientOptions {
  /** Where the API is, such as `https://vesemir.example`; a path is kept. */
  url: string
  token?: string | undefined
  /** Sends a request; the platform's own without it. */
  fetch?: Fetch
  /** Opens a stream of messages; a WebSocket without it. */
  openMessages?: OpenMessages
}

/** What is used of `fetch`. */
export type Fetch = (
  address: URL,
  request: {
    method: string
    headers: Record<string, string>
    body?: string
    redirect: 'error'
    signal: AbortSignal
  },
) => Promise<Pick<Response, 'status' | 'text'> & { headers?: Pick<Headers, 'get'> }>

export type Client = ReturnType<typeof createClient>

type RouteName = keyof typeof routes
type Answer<Route extends RouteName> = z.output<(typeof routes)[Route]['response']>

interface CallOptions {
  signal?: AbortSignal | undefined
}

/** For answers that follow from the record alone. */
interface ReadOptions extends CallOptions {
  /** An earlier answer to the same: the API waits for another one, up to 55 s, and without one this is the answer again. */
  unlike?: object | undefined
}

interface Call extends ReadOptions {
  params?: Record<string, string>
  query?: Record<string, string | number | undefined>
  headers?: Record<string, string>
  body?: unknown
  timeoutMs?: number
}

interface LockPlace {
  application: string
  environment: string
}

/** The longest that one answer may take: from the record, and from machines that a worker has to ask. */
const answerTimeoutMs = 30_000
const machinesTimeoutMs = 120_000

/** How long the API is asked to wait for another answer than one that is there: proxies give up after a minute, most of them. */
const waitSeconds = 55

/** The entity tag of each answer that had one. */
const entityTags = new WeakMap<object, string>()

/**
 * Speaks to the API: one method for each entry of `routes` whose answer is JSON, and `followEvents` for what happens from now on.
 * @throws {ApiError} with the API's problem document, or `API_UNREACHABLE`
 */
export function createClient(options: ClientOptions) {
  const client = callsOf(options)
  return {
    ...client,
    ...auditCallsOf(options),
    /**
     * A deployment's events from the one after `after`, as they happen, to its end: each once and in order, over as many
     * connections as that takes.
     */
    followEvents: (id: string, follow: FollowOptions = {}) => {
      const address = urlOf(endpoints.listEvents.path, { params: { id } }, options.url)
      const { token, openMessages } = options
      const readPage: Parameters<typeof followEvents>[0]['readPage'] = (query) => client.listEvents(id, query)
      return followEvents({ address, token, readPage, openMessages }, follow)
    },
  }
}

function callsOf(options: ClientOptions) {
  const call: CallRoute = (name, wanted = {}) => callRoute(name, wanted, options)
  return {
    ...accessCallsOf(call),
    ...hostCallsOf(call),
    createDeployment: (
      body: z.input<typeof DeploymentRequest>,
      { idempotencyKey, signal }: CallOptions & { idempotencyKey?: string } = {},
    ) =>
      call('createDeployment', {
        body,
        headers: idempotent(idempotencyKey),
        signal,
      }),
    listDeployments: (filter: Partial<DeploymentFilter> = {}, options: ReadOptions = {}) =>
      call('listDeployments', { query: filter, ...options }),
    listArchive: (filter: Partial<ArchiveFilter> = {}, { signal }: CallOptions = {}) =>
      call('listArchive', { query: filter, signal }),
    getDeployment: (id: string, { signal }: CallOptions = {}) => call('getDeployment', { params: { id }, signal }),
    listEvents: (id: string, { signal, unlike, ...query }: ReadOptions & Partial<z.output<typeof EventQuery>> = {}) =>
      call('listEvents', { params: { id }, query, signal, unlike }),
    listFailures: (id: string, { signal }: CallOptions = {}) => call('listFailures', { params: { id }, signal }),
    commandDeployment: (id: string, command: z.input<typeof Command>, { signal }: CallOptions = {}) =>
      call('commandDeployment', { params: { id }, body: command, signal }),
    createPlan: (body: z.input<typeof DeploymentRequest>, { signal }: CallOptions = {}) =>
      call('createPlan', { body, signal, timeoutMs: machinesTimeoutMs }),
    deployPlan: (
      plan: string,
      body: PlanDeploymentRequest = {},
      { idempotencyKey, signal }: CallOptions & { idempotencyKey?: string } = {},
    ) => call('deployPlan', { params: { plan }, body, headers: idempotent(idempotencyKey), signal }),
    listLocks: (options: ReadOptions = {}) => call('listLocks', options),
    putLock: (where: LockPlace, reason: string, { signal }: CallOptions = {}) =>
      call('putLock', { params: { ...where }, body: { reason }, signal }),
    deleteLock: (where: LockPlace, { signal }: CallOptions = {}) =>
      call('deleteLock', { params: { ...where }, signal }),
    putApplication: (definition: z.input<typeof ApplicationDefinition>, { signal }: CallOptions = {}) =>
      call('putApplication', { params: { name: definition.name }, body: definition, signal }),
    getApplication: (name: string, options: ReadOptions = {}) =>
      call('getApplication', { params: { name }, ...options }),
    listSchedules: (name: string, options: ReadOptions = {}) => call('listSchedules', { params: { name }, ...options }),
    listFreezes: (name: string, options: ReadOptions = {}) => call('listFreezes', { params: { name }, ...options }),
    listApplications: (options: ReadOptions = {}) => call('listApplications', options),
    getOverview: (options: ReadOptions = {}) => call('getOverview', options),
    getStatistics: (query: Partial<StatisticsQuery> = {}, { signal }: CallOptions = {}) =>
      call('getStatistics', { query, signal }),
    listWorkers: ({ signal }: CallOptions = {}) => call('listWorkers', { signal }),
    drainWorker: (worker: string, body: WorkerDrainRequest = {}, { signal }: CallOptions = {}) =>
      call('drainWorker', { params: { worker }, body, signal }),
    resumeWorker: (worker: string, { signal }: CallOptions = {}) =>
      call('resumeWorker', { params: { worker }, signal }),
    doctor: ({ signal, ...query }: CallOptions & { cluster?: string | undefined } = {}) =>
      call('doctor', { query, signal, timeoutMs: machinesTimeoutMs }),
    recover: (name: string, body: z.input<typeof RecoveryRequest>, { signal }: CallOptions = {}) =>
      call('recover', { params: { name }, body, signal, timeoutMs: machinesTimeoutMs }),
    doctorBalancers: (body: z.input<typeof BalancerDoctorRequest>, { signal }: CallOptions = {}) =>
      call('doctorBalancers', { body, signal, timeoutMs: machinesTimeoutMs }),
  }
}

type CallRoute = <Route extends RouteName>(name: Route, wanted?: Call) => Promise<Answer<Route>>

/** What an application's hosts run, and what should. */
function hostCallsOf(call: CallRoute) {
  return {
    listHosts: (name: string, { signal, unlike, ...query }: ReadOptions & Partial<z.input<typeof HostsQuery>> = {}) =>
      call('listHosts', { params: { name }, query, signal, unlike, timeoutMs: machinesTimeoutMs }),
    forgetHost: (params: { name: string; environment: string; host: string }, { signal }: CallOptions = {}) =>
      call('forgetHost', { params, signal, timeoutMs: machinesTimeoutMs }),
    converge: (name: string, body: z.input<typeof ConvergeRequest>, { signal }: CallOptions = {}) =>
      call('converge', { params: { name }, body, signal, timeoutMs: machinesTimeoutMs }),
  }
}

/** Who asks, how they sign in, and their tokens. */
function accessCallsOf(call: CallRoute) {
  return {
    createSession: (token: string, { signal }: CallOptions = {}) => call('createSession', { body: { token }, signal }),
    getSession: ({ signal }: CallOptions = {}) => call('getSession', { signal }),
    deleteSession: ({ signal }: CallOptions = {}) => call('deleteSession', { signal }),
    decideAccess: (query: z.input<typeof AccessQuery>, { signal }: CallOptions = {}) =>
      call('decideAccess', { query, signal }),
    listGrants: ({ signal }: CallOptions = {}) => call('listGrants', { signal }),
    listProviders: ({ signal }: CallOptions = {}) => call('listProviders', { signal }),
    startDeviceSignIn: (provider: string, { signal }: CallOptions = {}) =>
      call('startDeviceSignIn', { params: { provider }, signal }),
    finishDeviceSignIn: (provider: string, device: string, { signal }: CallOptions = {}) =>
      call('finishDeviceSignIn', { params: { provider }, body: { device }, signal }),
    createToken: (body: z.input<typeof ApiTokenRequest>, { signal }: CallOptions = {}) =>
      call('createToken', { body, signal }),
    exchangeToken: (idToken: string, { signal }: CallOptions = {}) =>
      call('exchangeToken', {
        body: {
          grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
          subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
          subject_token: idToken,
        },
        signal,
      }),
    listTokens: ({ signal }: CallOptions = {}) => call('listTokens', { signal }),
    revokeToken: (token: string, { signal }: CallOptions = {}) => call('revokeToken', { params: { token }, signal }),
  }
}

function auditCallsOf(options: ClientOptions) {
  return {
    listAudit: (query: Partial<AuditQuery> = {}, { signal }: CallOptions = {}) =>
      callRoute('listAudit', { query, signal }, options),
    verifyAudit: ({ signal }: CallOptions = {}) => callRoute('verifyAudit', { signal }, options),
  }
}

function idempotent(key: string | undefined): Record<string, string> {
  return key === undefined ? {} : { 'idempotency-key': key }
}

/**
 * What an answer holds is the API's word: it has checked that itself. A schema here would take longer than the call, and would
 * refuse what a newer API adds.
 */
async function callRoute<Route extends RouteName>(
  name: Route,
  wanted: Call,
  options: ClientOptions,
): Promise<Answer<Route>> {
  const { method, path, answer } = endpoints[name]
  const address = urlOf(path, wanted, options.url)
  const { status, body, entityTag } = await send(address, { method, wanted, options })
  if (status === 304 && wanted.unlike) return wanted.unlike as Answer<Route>
  if (status >= 400) throw problemOf(status, { body, address })
  if (status === 204) return undefined as Answer<Route>
  if (body === undefined) throw unreachable(`the server at ${address.origin} is not a Vesemir API`)
  if (!hasFields(body, answer))
    throw answerNotUnderstood(`${method} ${address.pathname}: the answer has an unknown form`)
  if (entityTag) entityTags.set(body, entityTag)
  return body as Answer<Route>
}

function hasFields(value: unknown, fields: readonly string[]): value is object {
  return typeof value === 'object' && value !== null && fields.every((field) => field in value)
}

function urlOf(path: string, { params = {}, query = {} }: Call, base: string): URL {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => toSegment(name, params[name]!))
  const url = new URL(base.replace(/\/+$/, '') + filled)
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value))
  return url
}

/** What would make another address of it is refused, as is what a person took for a deployment. All else the API checks. */
function toSegment(name: string, param: string): string {
  if (name === 'id' && !deploymentIdPattern.test(param)) throw invalid(describeInvalidId(param))
  if (['', '.', '..'].includes(param)) throw invalid(`"${param}" is not a name`)
  return encodeURIComponent(param)
}

async function send(
  address: URL,
  { method, wanted, options }: { method: string; wanted: Call; options: ClientOptions },
): Promise<{ status: number; body: unknown; entityTag: string | null | undefined }> {
  const { body, headers, signal, unlike, timeoutMs = answerTimeoutMs } = wanted
  const known = unlike && entityTags.get(unlike)
  const timeout = AbortSignal.timeout(timeoutMs + (known ? waitSeconds * 1000 : 0))
  try {
    const answer = await (options.fetch ?? fetch)(address, {
      method,
      headers: {
        accept: 'application/json',
        ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(known ? { 'if-none-match': known, prefer: `wait=${waitSeconds}` } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // A redirected POST becomes a GET: better to say that the address is another.
      redirect: 'error',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    })
    const entityTag = answer.headers?.get('etag')
    return { status: answer.status, body: parseJson(await answer.text()), entityTag }
  } catch (error) {
    signal?.throwIfAborted()
    throw unreachable(`no answer from ${address.origin}: ${reasonOf(error)}`, error)
  }
}

/** `fetch` keeps the reason one level down, and for a name with several addresses as a code without words. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause !== undefined) return reasonOf(error.cause)
  const { code } = error as { code?: unknown }
  return error.message || (typeof code === 'string' ? code : error.name)
}

function problemOf(status: number, { body, address }: { body: unknown; address: URL }): ApiError {
  if (hasFields(body, ['status', 'detail', 'code'])) return new ApiError(body as Problem)
  return unreachable(`${address.origin} returned ${status}, not an answer of a Vesemir API`)
}
