import { expect, test } from 'vitest'
import { DeploymentSpec } from './deployment.ts'
import { Tasks } from './task.ts'
import { aSpec } from './testing/builders.ts'

const complaints = (...tasks: object[]) =>
  Tasks.safeParse(tasks).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)

const migrate = { name: 'migrate', when: 'before', command: 'bin/migrate' }

test.for<[string, object[], string]>([
  ['nothing to do', [{ name: 'a', when: 'after' }], '0.command: set one of command, program and http'],
  ['two things to do', [{ ...migrate, program: 'b' }], '0.program: set one of command, program and http'],
  ['one name twice', [migrate, { ...migrate, when: 'after' }], '1.name: "migrate" is already a task'],
  [
    'variables for a program of the worker, which they could replace',
    [{ name: 'a', when: 'after', program: 'b', environment: { PATH: '/tmp/evil' } }],
    '0.environment: needs a command',
  ],
  [
    'a secret that is sent unencrypted to the address that is polled',
    [
      {
        name: 'a',
        when: 'after',
        http: {
          url: 'https://jobs.example/run',
          headers: { Authorization: { secret: 'TOKEN' } },
          poll: { url: 'http://jobs.example/status', done: 'done' },
        },
      },
    ],
    '0.http.headers: holds a secret, which http: would send unencrypted: use https:',
  ],
  ...(
    [
      ['https://{version}', 'has {version} in its host: use it in the path or the query'],
      ['https://a:99999/', '"https://a:99999/" is not a valid URL'],
      ['https://%/', '"https://%/" is not a valid URL'],
    ] as const
  ).map(([url, why]): [string, object[], string] => [
    `the URL ${url}`,
    [{ name: 'a', when: 'after', http: { url } }],
    `0.http.url: ${why}`,
  ]),
  [
    'a body that GET does not send',
    [{ name: 'a', when: 'after', http: { url: 'https://jobs.example/', method: 'GET', body: 'x' } }],
    '0.http.body: cannot be sent with method GET: use POST or PUT',
  ],
  [
    'polls without a pause',
    [{ name: 'a', when: 'after', http: { url: 'https://jobs.example/', poll: { done: 'x', interval: '0s' } } }],
    '0.http.poll.interval: must be at least 1s',
  ],
])('a list with %s is refused', ([, tasks, complaint]) => {
  expect(complaints(...tasks)).toEqual([complaint])
})

test('a password in a command, an address or a body is refused, and not quoted', () => {
  const http = { url: 'https://jobs.example/run?token=hunter2', body: 'password=hunter2' }

  const said = complaints({ ...migrate, command: 'PGPASSWORD=hunter2 bin/migrate' }, { name: 'b', when: 'after', http })

  expect(said).toHaveLength(3)
  expect(said?.join()).not.toContain('hunter2')
})

test('a deployment without tasks has none in its order, so that a version that knows no tasks takes it', () => {
  expect('tasks' in DeploymentSpec.parse(aSpec())).toBe(false)
})
