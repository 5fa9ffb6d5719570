import { Notice } from '@vesemir/contract'

/** A notice of an end, or with what a test is about. */
export function aNotice(changes: object = {}): Notice {
  return Notice.parse({
    id: 'd-42~17',
    at: '2026-01-01T00:00:00.000Z',
    deployment: {
      id: 'd-42',
      application: 'payments',
      environment: 'production',
      version: '1.4.2',
      team: 'core',
      cluster: 'eu',
      requestedBy: 'ada',
    },
    event: 'ended',
    outcome: 'succeeded',
    durationMs: 192_000,
    ...changes,
  })
}
