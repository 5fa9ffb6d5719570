import type { DeploymentEvent, DeploymentView, Fact } from '@vesemir/contract'
import { applyEvent, noticesOf } from '@vesemir/core'
import { expect, test } from 'vitest'
import { createLines } from '../../apps/cli/src/render/lines.ts'
import { paint } from '../../apps/cli/src/render/paint.ts'
import { LogStore } from '../../apps/dashboard/src/live/log-store.ts'
import { toMessage } from '../../packages/machines/src/notification/slack/message.ts'
import { everyEvent, everySentence } from '../../packages/words/src/testing/every-event.ts'
import { eventsOf, planned, queued } from '@vesemir/core/testing'

const timeZone = 'UTC'
/** What the page shows as a grid, and not as lines. */
const inGrid: readonly DeploymentEvent['type'][] = ['step.started', 'servers.seen']
const inSlack: readonly DeploymentEvent['type'][] = ['deployment.planned', 'deployment.gated', 'deployment.ended']

const isOutput = ({ type }: Fact) => type === 'log.appended' || type === 'task.logged'

test.each(Object.values(everyEvent).filter((fact) => !isOutput(fact)))(
  'the command line, the page and Slack say the same of $type',
  (fact) => {
    const sentence = everySentence[fact.type]
    const { event, view } = happen(fact)

    expect(inTerminal(event, view)).toBe(sentence)
    expect(onPage(event, view)).toBe(inGrid.includes(fact.type) ? undefined : sentence)
    expect(inChannel(event, view)).toBe(inSlack.includes(fact.type) ? sentence : undefined)
  },
)

test.each([
  ['log.appended', 'unpacked'],
  ['task.logged', 'added a column'],
] as const)('output is shown as it is, in the terminal and on the page: %s', (type, text) => {
  const { event, view } = happen(everyEvent[type])

  expect(inTerminal(event, view)).toBe(`| ${text}`)
  expect(onPage(event, view)).toBe(text)
  expect(inChannel(event, view)).toBeUndefined()
})

/** A fact after a plan of three hosts, unless it is what comes before the plan. */
function happen(fact: Fact): { event: DeploymentEvent; view: DeploymentView } {
  const before: Record<string, Fact[]> = {
    'deployment.queued': [],
    'deployment.planned': [queued()],
  }
  const facts = [...(before[fact.type] ?? [queued(), planned(['web-1'], ['web-2', 'web-3'])]), fact]
  const events = eventsOf(...facts)
  return { event: events.at(-1)!, view: events.reduce<DeploymentView | undefined>(applyEvent, undefined)! }
}

function inTerminal(event: DeploymentEvent, view: DeploymentView): string | undefined {
  const printed: string[] = []
  const print = (text: Parameters<typeof paint>[0]) => void printed.push(paint(text, { colours: false }))
  createLines({ print, notify: print, timeZone }).event(event, view)
  // Before the text stand the time, the place and the step, in columns.
  return printed[0]?.slice('15:04:05 12345678  connect  '.length)
}

function onPage(event: DeploymentEvent, view: DeploymentView): string | undefined {
  const log = new LogStore({ timeZone })
  log.add(event, view)
  return log.at(0)?.text
}

function inChannel(event: DeploymentEvent, view: DeploymentView): string | undefined {
  const { deployment } = view
  const notifications: typeof deployment.spec.notifications = [{ to: 'chat', on: ['started', 'gated', 'ended'] }]
  const [addressed] = noticesOf({ ...deployment, spec: { ...deployment.spec, notifications } }, [event])
  return addressed && toMessage(addressed.notice).split('\n')[0]!.split(' · ')[1]
}
