import type { PlanChanges } from '@vesemir/contract'
import { expect, test } from 'vitest'
import { describePlanChanges } from './changes.ts'

const commit = (id: string, subject: string) => ({
  id: id.repeat(40),
  subject,
  author: 'Ada',
  at: '2026-03-01T10:00:00Z',
})
const none = { count: 0, newest: [] }

function changes(some: Partial<PlanChanges>): PlanChanges {
  return { running: [], settings: [], settingsCount: 0, ...some }
}

test('settings that differ are told by field, and hidden values are not shown', () => {
  const parts = describePlanChanges(
    changes({
      since: 'd-41',
      settingsCount: 5,
      settings: [
        { field: 'concurrency', change: 'changed', before: '2', after: '4' },
        { field: 'hooks.afterDeploy', change: 'changed' },
        { field: 'variables.PROXY', change: 'added' },
        { field: 'hosts.only', change: 'added', after: '["web-1"]' },
      ],
    }),
  )

  expect(parts).toEqual([
    {
      title: '5 settings differ from d-41',
      lines: [
        'concurrency 2 → 4',
        'hooks.afterDeploy changed',
        'variables.PROXY added',
        'hosts.only not set → ["web-1"]',
        'and 1 more',
      ],
    },
  ])
})

test('commits are listed, those that are taken back too, and no more than asked for', () => {
  const added = { count: 30, newest: [commit('a', 'Round cents'), commit('b', 'Log less')] }
  const removed = { count: 1, newest: [commit('c', 'Try again')] }

  expect(describePlanChanges(changes({ commits: { from: 'c', to: 'a', added, removed } }), { most: 1 })).toEqual([
    { title: '30 commits added', lines: ['aaaaaaaa Round cents (Ada)', 'and 29 more'] },
    { title: '1 commit taken back', lines: ['cccccccc Try again (Ada)'] },
  ])
})

test.each([
  ['nothing is known', changes({}), []],
  ['no setting differs', changes({ since: 'd-41' }), ['no settings differ from d-41']],
  [
    'the commit is the same',
    changes({ commits: { from: 'a', to: 'a', added: none, removed: none } }),
    ['the same commit'],
  ],
  [
    'the history is long',
    changes({ commits: { from: 'a', to: 'b', added: { count: 1001, newest: [] }, removed: none } }),
    ['more than 1000 commits added'],
  ],
])('where %s, the titles say so', (_what, some, titles) => {
  expect(describePlanChanges(some).map(({ title }) => title)).toEqual(titles)
})
