import type { ServerRef } from '@vesemir/contract'
import type { JournalEntry, LeftServer, NotedServer, TrafficJournal } from '../ports/traffic-journal.ts'
import { isSameServer } from '../servers.ts'

/** A journal of one process. */
export class InMemoryJournal implements TrafficJournal {
  entries: JournalEntry[] = []
  left: LeftServer[] = []

  async note(servers: readonly NotedServer[], by: { deploymentId: string; host: string }): Promise<void> {
    await this.clear(servers.map(({ server }) => server))
    this.entries.push(...servers.map((noted) => ({ ...noted, ...by, notedAt: '2026-01-01T00:00:00Z' })))
  }

  async list(): Promise<JournalEntry[]> {
    return [...this.entries]
  }

  async find(servers: readonly ServerRef[]): Promise<JournalEntry[]> {
    return this.entries.filter((entry) => isAmong(servers, entry.server))
  }

  async clear(servers: readonly ServerRef[]): Promise<void> {
    this.entries = this.entries.filter((entry) => !isAmong(servers, entry.server))
    await this.release(servers)
  }

  async cede(servers: readonly ServerRef[]): Promise<void> {
    this.entries = this.entries.map((entry) =>
      isAmong(servers, entry.server) ? { ...entry, isHeldByPerson: true } : entry,
    )
  }

  async release(servers: readonly ServerRef[]): Promise<void> {
    this.left = this.left.filter((left) => !isAmong(servers, left.server))
  }

  async leave(servers: readonly ServerRef[], by: { deploymentId: string; host: string }): Promise<void> {
    this.left.push(
      ...servers.map(({ box, backend, server, endpoint }) => ({
        server: { box, backend, server, ...(endpoint ? { endpoint } : {}) },
        ...by,
      })),
    )
  }

  async listLeft(): Promise<LeftServer[]> {
    return [...this.left]
  }

  async noteHeld({ server }: LeftServer, { process, again }: { process: string; again: boolean }): Promise<void> {
    const heldAgainAt = again ? { heldAgainAt: '2026-01-01T00:00:01Z' } : {}
    this.left = this.left.map((left) =>
      isSameServer(left.server, server) ? { ...left, heldIn: process, ...heldAgainAt } : left,
    )
  }
}

function isAmong(servers: readonly ServerRef[], server: ServerRef): boolean {
  return servers.some((other) => isSameServer(other, server))
}
