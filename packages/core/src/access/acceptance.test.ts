import type { Acceptance } from '@vesemir/contract'
import { aSpec } from '@vesemir/contract/testing'
import { expect, test } from 'vitest'
import { unaccepted } from './acceptance.ts'

const artifact = (directory: string) =>
  aSpec({ changeset: { strategy: 'artifact', url: 'https://a.example/{version}.tgz', directory } })

const warmUp = {
  url: 'https://jobs.example/payments/warm-up?version={version}',
  poll: { url: 'https://jobs.example/payments/warm-up', done: 'done' },
}

test.each<[string, Acceptance | undefined, Parameters<typeof unaccepted>[0], string[]]>([
  ['everything without a list', undefined, { spec: aSpec() }, []],
  [
    'its applications',
    { applications: ['pay*'], teams: ['core'], environments: ['production'] },
    { spec: aSpec() },
    [],
  ],
  ['no other application', { applications: ['ledger'] }, { spec: aSpec() }, ['application']],
  ['no other team', { applications: ['payments'], teams: ['fin'] }, { spec: aSpec() }, ['application']],
  ['no other person', { users: ['ci-*'] }, { spec: aSpec(), requestedBy: 'eve' }, ['application']],
  ['a plan, which nobody has asked for yet', { users: ['ci-*'] }, { spec: aSpec() }, []],
  ['its directories', { directories: ['/srv/payments', '/srv/core-*'] }, { spec: artifact('/srv/payments/') }, []],
  [
    'no other directory',
    { directories: ['/srv/payments'] },
    { spec: artifact('/srv/ledger') },
    ['changeset.directory'],
  ],
  [
    'no folder of another service',
    { directories: ['/srv/*'] },
    { spec: aSpec({ service: { kind: 'runit', service: '/etc/service/ledger' } }) },
    ['service.service'],
  ],
  [
    'its commands',
    { commands: ['true', 'sv restart *'] },
    { spec: aSpec({ service: { restart: 'sv restart payments' } }) },
    [],
  ],
  [
    'its variables',
    { commands: ['true', 'sv restart payments', 'LOG_LEVEL=*', 'TOKEN='] },
    { spec: aSpec({ variables: { LOG_LEVEL: 'info', TOKEN: { secret: 'token' } } }) },
    [],
  ],
  [
    'what its tasks have a worker do',
    {
      commands: [
        'true',
        'sv restart payments',
        'program smoke-*',
        'POST https://jobs.example/payments/*?version={version}',
        'GET https://jobs.example/payments/*',
      ],
    },
    {
      spec: aSpec({
        tasks: [
          { name: 'smoke', when: 'after', program: 'smoke-test' },
          { name: 'warm', when: 'between', http: warmUp },
        ],
      }),
    },
    [],
  ],
  [
    'no other command, wherever it is',
    { commands: ['true'] },
    {
      spec: aSpec({
        changeset: { strategy: 'command', commands: ['true', 'id'], rollback: ['id'] },
        hooks: { beforeDrain: ['true', 'id'], environment: { PATH: '/tmp/evil' } },
        variables: { LD_PRELOAD: '/tmp/evil.so', TOKEN: { secret: 'token' } },
        healthCheck: { kind: 'command', command: 'id' },
        service: { kind: 'systemd', unit: 'payments' },
        tasks: [
          { name: 'smoke', when: 'after', program: 'smoke-test' },
          { name: 'migrate', when: 'before', command: 'id', environment: { PATH: '/tmp/evil' } },
          { name: 'warm', when: 'between', http: warmUp },
          { name: 'wait', when: 'after', http: { method: 'GET', url: 'https://a.example/', poll: { done: 'done' } } },
        ],
      }),
    },
    [
      'changeset.commands[1]',
      'changeset.rollback[0]',
      'hooks.beforeDrain[1]',
      'service',
      'variables.LD_PRELOAD',
      'variables.TOKEN',
      'hooks.environment.PATH',
      'tasks[0].program',
      'tasks[1].command',
      'tasks[1].environment.PATH',
      'tasks[2].http.url',
      'tasks[2].http.poll.url',
      'tasks[3].http.url',
      'tasks[3].http.poll.url',
      'healthCheck.command',
    ],
  ],
])('a cluster accepts %s', (_, entry, order, refused) => {
  expect(unaccepted(order, entry && [entry]).map(({ field }) => field)).toEqual(refused)
})

test.each(['a; id', 'a && id', '$(id)', '`id`', "a 'b'", 'a b', '../a', '/etc/passwd', 'a|id', 'a>b', 'a\\b'])(
  'the * of a command does not stand for %j',
  (word) => {
    const spec = aSpec({ service: { restart: `sv restart ${word}` } })

    expect(unaccepted({ spec }, [{ commands: ['true', 'sv restart *'] }])).toHaveLength(1)
  },
)

test('one entry has to accept all of a deployment', () => {
  const accept = [{ applications: ['payments'], commands: ['id'] }, { applications: ['ledger'] }]

  expect(unaccepted({ spec: aSpec() }, accept).map(({ field }) => field)).toEqual(['changeset.commands[0]', 'service'])
})
