import type { ServerFigures } from '../ports/load-balancer.ts'

/** A server in service that has counted nothing yet, but for what is given. */
export function serverFigures(server: string, given: Partial<ServerFigures> = {}): ServerFigures {
  return {
    box: 'lb1',
    backend: 'app',
    server,
    inService: true,
    countedBy: 'first',
    requests: 0,
    serverErrors: 0,
    connectionErrors: 0,
    responseTimeMs: 0,
    sessions: 0,
    sessionsPerSecond: 0,
    ...given,
  }
}
