import type { Overview } from '@vesemir/contract'
import { expect, test } from 'vitest'
import { failedStory, queued, viewOf } from '../testing/story.ts'
import { overviewLines } from './overview.ts'
import { paint } from './paint.ts'

test('shows what needs the reader and how to answer, then what runs where', () => {
  const running = viewOf([queued]).deployment
  const place = { application: 'payments', drifted: [], outOfRotation: [], ongoing: [], promotions: [], versions: [] }
  const overview: Overview = {
    needs: [{ need: 'failure', deployment: viewOf(failedStory).deployment }],
    ongoing: [running],
    places: [
      { ...place, environment: 'staging', version: '2.0.0', since: '2026-03-01T15:00:00.000Z' },
      {
        ...place,
        environment: 'production',
        version: '1.9.0',
        since: '2026-02-20T15:00:00.000Z',
        versions: [{ version: '1.9.0', hosts: 3 }],
        drifted: ['web-1', 'web-2'],
        failure: { deployment: 'd-41', version: '2.0.0', failed: 34, hosts: 200 },
        lock: { application: 'payments', environment: 'production', reason: 'sale', by: 'eve', at: '' },
        ongoing: [running.id],
        promotions: [{ from: 'staging', version: '2.0.0' }],
      },
    ],
  }

  const lines = overviewLines(overview, { nowMs: Date.parse('2026-03-01T15:05:00.000Z') })

  expect(lines.map((line) => paint(line, { colours: false }))).toEqual([
    'Needs you:',
    'payments 2.0.0 to production: failed: hosts: 1 failed, 1 not started, 1 succeeded',
    '→ vesemir status d-42',
    '',
    'application  environment  version  since       hosts  state                                                                                in progress  to promote',
    'payments     staging      2.0.0    5 min ago   0',
    'payments     production   1.9.0    9 days ago  3      d-41 failed on 34 of 200 hosts; 2 hosts (web-1, web-2) drifted; locked by eve: sale  d-42 queued  2.0.0 from staging',
  ])
})
