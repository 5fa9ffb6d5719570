import { complaintsOf, fieldName, Problem, routes, describeIssue, type Session } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchemaCompiler, RouteOptions } from 'fastify'
import { z } from 'zod'
import { authorize, type Asked } from './access.ts'
import { noteForAudit, recordFailure } from './audit.ts'
import { problemType } from './problems.ts'

type Routes = typeof routes
type RouteName = keyof Routes
type Part<Name extends RouteName, Key extends string> =
  Routes[Name] extends Record<Key, infer Schema extends z.ZodType> ? z.output<Schema> : undefined

/** A request whose parts have passed their schemas. */
export interface Checked<Name extends RouteName> {
  params: Part<Name, 'params'>
  query: Part<Name, 'query'>
  headers: Part<Name, 'headers'>
  body: Part<Name, 'body'>
  request: FastifyRequest
  reply: FastifyReply
}

export interface RouteHandler<Name extends RouteName> {
  /**
   * What a request asks for, which the caller's grants must allow. `signed-in`: nothing besides who the caller is, or the handler
   * leaves out what the caller may not see. `open`: not even that.
   */
  access: 'open' | 'signed-in' | AccessOf<Name>
  /** Gives the answer; or the reply, when it has answered by itself. */
  handle: (checked: Checked<Name>) => Promise<z.output<Routes[Name]['response']> | FastifyReply>
  /** Whether the answer follows from the record alone, so that a client may wait until it is another. */
  isOfRecord?: (query: Part<Name, 'query'>) => boolean
  /** How long after a change the answer is read again: changes meanwhile count as one. At once without it. */
  rereadMs?: number
  /** Whether a request only asks, as a dry run: it is not recorded in the audit log. */
  isDryRun?: (body: Part<Name, 'body'>) => boolean
  /** What Fastify is told besides. */
  options?: Partial<RouteOptions>
}

/** Finds out what a request asks for. */
export type AccessOf<Name extends RouteName> = (
  checked: Pick<Checked<Name>, 'params' | 'query' | 'body'>,
  caller: Session,
) => Asked[] | Promise<Asked[]>

/** Any of the contract's routes. */
export interface RouteSchemas {
  method: string
  path: string
  summary: string
  status: number
  /** What an answer is that is not JSON. */
  mediaType?: string
  params?: z.ZodType
  query?: z.ZodType
  headers?: z.ZodType
  body?: z.ZodType
  response: z.ZodType
}

/** Adds one of the contract's routes: requests are checked by its schemas, and OpenAPI is made from them. */
export function registerRoute<Name extends RouteName>(
  app: FastifyInstance,
  name: Name,
  { access, handle, isOfRecord, rereadMs, isDryRun, options: { preHandler = [], ...options } = {} }: RouteHandler<Name>,
): void {
  const route: RouteSchemas = routes[name]
  const isChange = route.method !== 'GET' && !changingNothing.includes(name)
  const isRecorded = ({ body }: FastifyRequest) => isChange && !isDryRun?.(body as Part<Name, 'body'>)
  const record = <Result>(request: FastifyRequest, act: () => Promise<Result>) =>
    isRecorded(request) ? recordFailure(request, { action: name, act }) : act()
  app.route({
    ...options,
    method: route.method,
    url: route.path,
    schema: {
      operationId: name,
      // /v1/deployments/…: deployments
      tags: route.path.split('/').slice(2, 3),
      summary: route.summary,
      ...(access === 'open' ? { security: [] } : {}),
      ...given({ params: route.params, querystring: route.query ?? noQuery, headers: route.headers, body: route.body }),
      response: { ...(route.status === 204 ? {} : { [route.status]: answerSchema(route) }), default: problemResponse },
    },
    preHandler: [
      async (request) => {
        if (typeof access !== 'function') return
        const { params, query, body } = request as unknown as Checked<Name>
        await record(request, () => admit(request, access({ params, query, body }, request.caller)))
      },
      ...[preHandler].flat(),
    ],
    handler: async (request, reply) => {
      const { params, query, headers, body } = request as unknown as Pick<
        Checked<Name>,
        'params' | 'query' | 'headers' | 'body'
      >
      reply.status(route.status)
      const act = () => handle({ params, query, headers, body, request, reply })
      if (isOfRecord?.(query)) return request.server.answerWhenChanged(request, reply, { read: act, rereadMs })
      const answer = await record(request, act)
      if (isRecorded(request)) await request.server.audit(request, { action: name, outcome: 'succeeded' })
      return answer
    },
  })
}

/** Routes that only ask, with more than fits into an address, or again and again: a sign-in is recorded when it ends. */
const changingNothing: readonly RouteName[] = ['createPlan', 'startDeviceSignIn', 'finishDeviceSignIn']

/** Lets a request pass if the caller's grants allow all that it asks for, and notes by which. */
async function admit(request: FastifyRequest, asked: Asked[] | Promise<Asked[]>): Promise<void> {
  for (const each of await asked) {
    noteForAudit(request, { subject: each.subject })
    const grant = authorize(request.caller, each)
    if (grant) noteForAudit(request, { grant })
  }
}

/** A filter that a route does not have must not seem to have found everything. */
const noQuery = z.strictObject({})

function answerSchema({ mediaType, response, summary }: RouteSchemas): object {
  return mediaType === undefined ? response : { description: summary, content: { [mediaType]: { schema: response } } }
}

const problemResponse = {
  description: 'A problem document (RFC 9457)',
  content: { [problemType]: { schema: Problem } },
}

function given(parts: Record<string, z.ZodType | undefined>): Record<string, z.ZodType> {
  return Object.fromEntries(
    Object.entries(parts).filter((entry): entry is [string, z.ZodType] => entry[1] !== undefined),
  )
}

const places: Record<string, string> = { querystring: 'query', params: 'path', headers: 'headers', body: 'body' }

/** Checks parts of requests by their schemas: a refusal names every field that is wrong, its value, and what would be right. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  return (input: unknown) => {
    const checked = schema.safeParse(input, { error: describeIssue })
    if (checked.success) return { value: checked.data }
    const errors = complaintsOf(checked.error, input).map(({ path, message }) => ({ field: fieldName(path), message }))
    const list = errors.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join('; ')
    const detail = `the ${places[httpPart ?? 'body']} of the request is not valid: ${list}`
    return { error: new VesemirError('REQUEST_INVALID', detail, { details: { errors } }) }
  }
}
