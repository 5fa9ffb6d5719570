import { expect, test } from 'vitest'
import { paint } from '../render/paint.ts'
import { eventsOf, failedStory, planned, queued, viewsOf } from '../testing/story.ts'
import type { CiSystem } from './ci-system.ts'
import { createFoldedLines } from './folded-lines.ts'
import { github } from './github.ts'
import { gitlab } from './gitlab.ts'

test('GitHub shows the lines of a host together, folded where it succeeded and open where it did not', () => {
  expect(written(failedStory, github(undefined))).toBe(`\
15:04:01 d-42               payments 2.0.0 to production, requested by ada: hotfix
15:04:02 d-42               planning on worker-1
15:04:03 d-42               planned: 3 hosts in 1 wave
15:04:03 d-42               at most 2 at a time, behind lb1, lb2, release 2.0.0-ab12
15:04:06 web-1 started
15:04:09 web-1     drain    waiting for sessions to end: 2 on lb1 payments/web-1
15:04:12 web-2 started
web-2 failed
15:04:12 web-2              taken over by worker-2, attempt 2
15:04:18 web-2     verify   failed after 1m 00s: web-2 was not healthy in 60s
15:04:19 web-2              failed: web-2 was not healthy in 60s (HEALTH_CHECK_FAILED); receives no traffic
15:04:19 web-2              → Read the step's output: vesemir logs d-42 --host web-2
::group::web-1 succeeded
15:04:06 web-1     connect  done in 210ms
15:04:08 web-1     drain    lb1 DRAIN 3 sessions · lb2 DRAIN 1 session
15:04:09 web-1     drain    waiting for sessions to end: 2 on lb1 payments/web-1
15:04:10 web-1     drain    done in 4.1s: 4 sessions ended
15:04:11 web-1     deploy   deploying 2.0.0-ab12
15:04:14 web-1     deploy   | unpacked
15:04:14 web-1     deploy   | warning: slow  disk
15:04:15 web-1     deploy   release 2.0.0-ab12 in place, previous 1.9.0-77aa
15:04:16 web-1     deploy   done in 3.9s: unpacked again
15:04:17 web-1     restart  running sv restart payments
15:04:20 web-1              succeeded; traffic restored
::endgroup::
15:04:21 d-42               failed after 20s: hosts: 1 failed, 1 not started, 1 succeeded (HOSTS_FAILED)
15:04:21 d-42               → See why: vesemir status d-42.
`)
})

test('GitLab gets a section for each host, with its times', () => {
  const marks = written(failedStory, gitlab)
    .split('\n')
    .filter((line) => line.includes('section_'))

  const startMs = Date.parse('2026-03-01T15:04:00.000Z')
  const at = (second: number) => startMs / 1000 + second
  expect(marks).toEqual([
    `\u001b[0Ksection_start:${at(12)}:vesemir_1[collapsed=false]\r\u001b[0Kweb-2 failed`,
    `\u001b[0Ksection_end:${at(19)}:vesemir_1\r\u001b[0K`,
    `\u001b[0Ksection_start:${at(6)}:vesemir_2[collapsed=true]\r\u001b[0Kweb-1 succeeded`,
    `\u001b[0Ksection_end:${at(20)}:vesemir_2\r\u001b[0K`,
  ])
})

test('what hosts in progress have said is shown at the end, open', () => {
  const text = written(failedStory.slice(0, 7), github(undefined))

  expect(text).toContain('web-1 running\n15:04:06 web-1     connect  done in 210ms\n')
})

test('a host that says very much has several folds, and keeps no line back', () => {
  const noise: Parameters<typeof eventsOf>[0][number] = {
    type: 'log.appended',
    host: 'web-1',
    step: 'deploy',
    lines: [{ stream: 'stdout', text: 'x' }],
  }
  const text = written([queued, planned('web-1'), ...Array.from({ length: 12_000 }, () => noise)], gitlab)

  expect(text.match(/section_start/g)).toHaveLength(3)
  expect(text.match(/\| x$/gm)).toHaveLength(12_000)
})

function written(facts: Parameters<typeof eventsOf>[0], ci: CiSystem): string {
  let text = ''
  const viewer = createFoldedLines({
    print: (line) => void (text += `${ci.neutralise(paint(line, { colours: false }))}\n`),
    notify: () => {},
    write: (marks) => void (text += marks),
    fold: ci.fold,
    timeZone: 'UTC',
  })
  for (const { event, view } of viewsOf(eventsOf(facts))) viewer.event(event, view)
  viewer.close()
  return text
}
