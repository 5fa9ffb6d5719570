import { expect, test } from 'vitest'
import { failureAnnotations } from '../ci/annotations.ts'
import { failedStory, planned, queued, viewOf } from '../testing/story.ts'
import { junitOf } from './junit.ts'
import { markdownText } from './markdown-text.ts'
import { summaryOf } from './summary.ts'

const nowMs = Date.parse('2026-03-01T15:05:00.000Z')
const page = 'https://vesemir.example/deployments/d-42'
const outputOf = () => []

test('the summary says how it ended, why, what became of each host, and what to do', () => {
  expect(summaryOf(viewOf(failedStory), { page, nowMs })).toBe(`\
## payments 2.0.0 to production: failed

[d-42](https://vesemir.example/deployments/d-42) · requested by ada · 3 hosts: 1 failed, 1 succeeded, 1 pending · 20s

hotfix

hosts: 1 failed, 1 not started, 1 succeeded \\(HOSTS\\_FAILED\\)

### web-2 failed in verify

web-2 was not healthy in 60s \\(HEALTH\\_CHECK\\_FAILED\\)

→ Read the step's output: vesemir logs d-42 --host web-2

| host | status | traffic | duration |
| --- | --- | --- | --- |
| web-2 | failed | drained | 6.0s |
| web-3 | pending |  |  |
| web-1 | succeeded | restored | 15s |

Next steps:

\`\`\`sh
vesemir logs d-42 --host web-2   # show its output
vesemir retry d-42   # deploy the failed and pending hosts
vesemir rollback d-42   # restore the previous release on every changed host
\`\`\`
`)
})

test('nothing that people or hosts wrote is Markdown, HTML or a mention', () => {
  const hostile = '<img src=x> | [a](b) **c** `d` @ada #1 !2 \u001b[2J\n## head'

  expect(markdownText(hostile)).toBe(
    '&lt;img src=x\\> \\| \\[a\\]\\(b\\) \\*\\*c\\*\\* \\`d\\` @<!-- -->ada #<!-- -->1 !<!-- -->2  ## head',
  )
})

test('a block of code ends where we end it', () => {
  const summary = summaryOf(failedWith({ log: ['```', '## not a heading', '`````'] }), { page, nowMs })

  expect(summary).toContain('\n``````\n```\n## not a heading\n`````\n``````\n')
})

test('the JUnit report has a case for each host, with code, sentence and the end of its output', () => {
  const xml = junitOf(failedWith({ log: ['a <b> & "c"', '\u001b[31m]]>\u0000'] }), {
    nowMs,
    outputOf: (host) => (host === 'web-1' ? ['unpacked', 'done'] : []),
  })

  expect(xml).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="payments 2.0.0 to production" tests="3" failures="1" errors="0" skipped="1" time="20.000">\
<testsuite name="payments 2.0.0 to production" tests="3" failures="1" errors="0" skipped="1" time="20.000" \
timestamp="2026-03-01T15:04:01.000Z">\
<testcase name="web-1" classname="payments.production" time="15.000"><system-out>unpacked
done</system-out>
</testcase>
<testcase name="web-2" classname="payments.production" time="6.000">\
<failure type="HEALTH_CHECK_FAILED" message="web-2 was not healthy in 60s">Read vesemir logs d-42 --host web-2
a &lt;b&gt; &amp; &quot;c&quot;
]]&gt; </failure>
</testcase>
<testcase name="web-3" classname="payments.production"><skipped></skipped>
</testcase>
</testsuite>
</testsuites>
`)
})

test('what failed apart from hosts is a case of the deployment', () => {
  const failure = { code: 'PLAN_EMPTY', message: 'no host in production' }
  const view = viewOf([queued, { type: 'deployment.ended', outcome: 'failed', failure }])

  expect(junitOf(view, { nowMs, outputOf })).toContain(
    '<testcase name="d-42" classname="payments.production"><failure type="PLAN_EMPTY" message="no host in production">',
  )
})

test('hints of a task that failed name it, in the report and in annotations', () => {
  const failure = { code: 'TASK_FAILED', message: 'task migrate failed', hint: 'Show it: vesemir logs ID --task TASK' }
  const view = viewOf([
    queued,
    planned('web-1'),
    { type: 'task.started', task: 'migrate', on: 'web-1' },
    { type: 'task.ended', task: 'migrate', outcome: 'failed', durationMs: 4100, failure },
    { type: 'deployment.ended', outcome: 'failed', failure },
  ])

  expect(junitOf(view, { nowMs, outputOf })).toContain('vesemir logs d-42 --task migrate<')
  expect(failureAnnotations(view)[0]?.message).toContain('vesemir logs d-42 --task migrate')
})

test.each([
  ['unreachable', '<error type="SSH_FAILED" message="no answer">'],
  ['skipped', '<skipped message="no answer (SSH_FAILED)">'],
  ['rolled-back', '<failure type="SSH_FAILED" message="no answer">'],
] as const)('a host that is %s is told apart', (outcome, expected) => {
  const view = viewOf([
    queued,
    planned('web-1'),
    {
      type: 'host.ended',
      host: 'web-1',
      outcome,
      traffic: 'restored',
      failure: { code: 'SSH_FAILED', message: 'no answer' },
    },
  ])

  expect(junitOf(view, { nowMs, outputOf })).toContain(expected)
})

function failedWith({ log }: { log: string[] }) {
  const story = failedStory.map((fact) =>
    fact.type === 'host.ended' && fact.failure
      ? { ...fact, failure: { ...fact.failure, hint: 'Read vesemir logs ID --host HOST', log } }
      : fact,
  )
  return viewOf(story)
}

test('both name hosts that were left out and may not run what they should', () => {
  const view = viewOf(failedStory)
  const leftOut = [
    { host: 'web-8', why: 'failed in d-40: vesemir retry d-40', failedIn: 'd-40' },
    { host: 'web-9', why: 'should run 1.5.0, deployed by d-7 to some hosts' },
  ]
  const converged = { ...view, deployment: { ...view.deployment, leftOut } }

  expect(summaryOf(converged, { page, nowMs })).toContain(
    '\n\n| left out | why |\n| --- | --- |\n| web-8 | failed in d-40: vesemir retry d-40 |\n\n',
  )
  expect(junitOf(converged, { nowMs, outputOf })).toContain(
    '<testcase name="web-8" classname="payments.production">' +
      '<skipped message="failed in d-40: vesemir retry d-40"></skipped>\n</testcase>\n</testsuite>',
  )
})
