import { createSocket } from 'node:dgram'
import { appendFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import type { AuditEntry } from '@vesemir/contract'
import type { FastifyBaseLogger } from 'fastify'

/** Where entries of the audit log go as they are made, besides Redis. */
export interface AuditSink extends Disposable {
  write(entry: AuditEntry): Promise<void>
}

export interface AuditSinkSettings {
  /** Gets a line of JSON for each. */
  file?: string | undefined
  /** `udp://host:port`: gets a message for each, as RFC 5424 has it. */
  syslog?: string | undefined
}

/** Opens what the settings name. A place that cannot be written to is reported in the log, and holds nobody up. */
export function createAuditSink({ file, syslog }: AuditSinkSettings, log: Pick<FastifyBaseLogger, 'error'>): AuditSink {
  const target = syslog === undefined ? undefined : new URL(syslog)
  const socket = target && createSocket(target.hostname.startsWith('[') ? 'udp6' : 'udp4').unref()
  const report = (err: unknown) => log.error({ err }, 'audit entry not written')
  socket?.on('error', report)
  return {
    async write(entry) {
      const json = JSON.stringify(entry)
      // Opened for each line: whoever rotates the file need not tell anybody.
      if (file !== undefined) await appendFile(file, `${json}\n`, { mode: 0o600 }).catch(report)
      const send = (done: () => void) =>
        socket!.send(toSyslog(entry, json), Number(target!.port), target!.hostname.replace(/^\[|\]$/g, ''), (err) => {
          if (err) report(err)
          done()
        })
      if (socket) await new Promise<void>((done) => send(done))
    },
    [Symbol.dispose]: () => void socket?.close(),
  }
}

const logAudit = 13
const [warning, notice] = [4, 5]

/** RFC 5424, 6: priority, version, time, host, application, process, kind, no structured data, message. */
function toSyslog({ at, outcome }: AuditEntry, json: string): string {
  const priority = logAudit * 8 + (outcome === 'succeeded' ? notice : warning)
  return `<${priority}>1 ${at} ${hostname()} vesemir ${process.pid} audit - ${json}`
}
