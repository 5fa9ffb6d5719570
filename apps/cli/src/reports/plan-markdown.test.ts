import { expect, test } from 'vitest'
import { aServer, planned } from '../testing/story.ts'
import { planMarkdown } from './plan-markdown.ts'

const about = {
  application: 'payments',
  environment: 'production',
  version: '2.0.0',
  command: 'vesemir deploy --plan p-7',
}

test('a plan says what changes, what to mind, each host and how to deploy exactly it', () => {
  const { plan } = planned('web-1')
  const [host] = plan.hosts
  const preview = {
    plan: {
      ...plan,
      hosts: [{ ...host!, servers: [{ box: 'lb1', backend: 'payments', server: 'web-1' }] }],
      warnings: ['web-9 | <b> @ada'],
      changes: {
        running: [{ version: '1.9.0', hosts: 1 }],
        since: 'd-41',
        settings: [{ field: 'concurrency', change: 'changed' as const, before: '2', after: '4' }],
        settingsCount: 1,
        compareUrl: 'https://git.example/1.9.0...2.0.0',
      },
    },
    servers: [aServer({ box: 'lb1', server: 'web-1', sessions: 3 })],
    steps: [{ step: 'restart', does: 'sv restart payments' } as const],
    needsYes: false,
    estimateSeconds: 90,
    expiresAt: '2026-03-02T15:04:00.000Z',
  }

  expect(planMarkdown(preview, about)).toBe(`\
## Plan: payments 2.0.0 to production

**1.9.0 on 1 host → 2.0.0**

[Compare](<https://git.example/1.9.0...2.0.0>)

<details><summary>1 setting differs from d-41</summary>

- concurrency 2 → 4

</details>

1 host in 1 wave, at most 2 at a time, behind lb1, lb2, release 2.0.0-ab12, about 1m 30s

- warning: web-9 \\| &lt;b\\> @<!-- -->ada

<details><summary>1 host</summary>

| wave | host | zone | servers now |
| --- | --- | --- | --- |
| 1 | web-1 |  | lb1 payments/web-1 UP |

</details>

<details><summary>Steps on each host</summary>

| step | what it does |
| --- | --- |
| restart | sv restart payments |

</details>

Deploy exactly this until 2026-03-02 15:04 UTC:

\`\`\`sh
vesemir deploy --plan p-7
\`\`\`
`)
})
