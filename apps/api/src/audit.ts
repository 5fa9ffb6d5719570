import { routes, type AuditFact, type Session } from '@vesemir/contract'
import type { AuditLog } from '@vesemir/store/audit'
import { isVesemirError } from '@vesemir/core'
import type { FastifyRequest } from 'fastify'
import type { AuditSink } from './audit-sink.ts'

declare module 'fastify' {
  interface FastifyInstance {
    audit: Audit
  }
}

/** Records what a request did or was refused. Resolves once the entry is kept. */
export type Audit = (request: FastifyRequest, event: AuditEvent) => Promise<void>

export type AuditEvent = Pick<AuditFact, 'action' | 'outcome' | 'code'>

/** What only the code that carries out a request knows of it. */
export type AuditDetails = Partial<Pick<AuditFact, 'who' | 'subject' | 'grant' | 'before' | 'after'>>

const noted = new WeakMap<FastifyRequest, AuditDetails>()

/** Adds to the entry that a request comes to. Nothing in it may be a secret. */
export function noteForAudit(request: FastifyRequest, details: AuditDetails): void {
  noted.set(request, { ...noted.get(request), ...details })
}

/** Returns the id of the deployment that a request is about, or has started. */
export function deploymentOf(request: FastifyRequest): string | undefined {
  const { url = '' } = request.routeOptions
  if (url.startsWith(routes.getDeployment.path)) return (request.params as { id: string }).id
  return noted.get(request)?.subject?.deployment
}

/** Creates the function by which every route records what was done by it. */
export function createAudit({
  auditLog,
  sink,
}: {
  auditLog: Pick<AuditLog, 'append'>
  sink: Pick<AuditSink, 'write'>
}): Audit {
  return async (request, event) => {
    // Routes that are open to all have no caller.
    const caller = request.caller as Session | undefined
    const entry = await auditLog.append({
      who: caller?.name ?? '',
      ...(caller?.token === undefined ? {} : { token: caller.token }),
      address: request.ip,
      request: request.id,
      ...event,
      ...noted.get(request),
    })
    await sink.write(entry)
  }
}

/** Does something for a request, and records it if it fails or is refused. */
export async function recordFailure<Result>(
  request: FastifyRequest,
  { action, act }: { action: string; act: () => Promise<Result> },
): Promise<Result> {
  try {
    return await act()
  } catch (error) {
    const ending = isVesemirError(error)
      ? ({ outcome: 'refused', code: error.code } as const)
      : ({ outcome: 'failed', code: 'INTERNAL' } as const)
    await request.server.audit(request, { action, ...ending })
    throw error
  }
}

/** Returns what JSON makes of a value: without what is undefined. */
export function json(value: unknown): AuditFact['before'] {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as AuditFact['before'])
}
