import type { Clock } from '@vesemir/core'
import { repeat } from '@vesemir/process/waiting'
import type { AuditLog } from '@vesemir/store/audit'
import type { FastifyBaseLogger } from 'fastify'
import type { AuditSink } from './audit-sink.ts'

const dayMs = 86_400_000

interface KeepAuditPorts {
  auditLog: Pick<AuditLog, 'removeBefore'>
  auditSink: Pick<AuditSink, 'write'>
  clock: Clock
  log: Pick<FastifyBaseLogger, 'info' | 'error'>
}

/** Removes from Redis, at the start and each day, the entries of the audit log that are older than the settings want. */
export function keepAudit(
  { keepDays }: { keepDays?: number | undefined },
  { auditLog, auditSink, clock, log }: KeepAuditPorts,
): AsyncDisposable | undefined {
  if (keepDays === undefined) return undefined
  const removeOld = async () => {
    const entry = await auditLog.removeBefore(clock.now() - keepDays * dayMs)
    if (!entry) return
    await auditSink.write(entry)
    log.info({ entry }, 'audit entries removed')
  }
  const onError = (err: unknown) => log.error({ err }, 'audit entries not removed')
  return repeat(removeOld, { clock, intervalMs: dayMs, onError })
}
