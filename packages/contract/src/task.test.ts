import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { ApplicationDefinition, GivenDefinition } from './application.ts'
import { DeploymentRequest, DeploymentSpec, GivenRequest } from './deployment.ts'
import { Tasks } from './task.ts'
import { aSpec } from './testing/builders.ts'

const said = ({ error }: z.ZodSafeParseResult<unknown>) =>
  error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)

const complaints = (...tasks: object[]) => said(Tasks.safeParse(tasks))

const aRequest = { application: 'shop', environment: 'staging', version: '1.0.0' }

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
])('a list with %s is refused', ([, tasks, complaint]) => {
  expect(complaints(...tasks)).toEqual([complaint])
})

describe('what no request can be made of', () => {
  const tasks = (http: object) => [{ name: 'a', when: 'after', http: { url: 'https://jobs.example/', ...http } }]
  const cases: [string, object, string][] = [
    [
      'a host of the version',
      { url: 'https://{version}' },
      'url: has {version} in its host: use it in the path or the query',
    ],
    ['an impossible port', { url: 'https://a:99999/' }, 'url: "https://a:99999/" is not a valid URL'],
    [
      'a URL to poll that is none',
      { poll: { url: 'https://%/', done: 'x' } },
      'poll.url: "https://%/" is not a valid URL',
    ],
    [
      'a body that GET does not send',
      { method: 'GET', body: 'x' },
      'body: cannot be sent with method GET: use POST or PUT',
    ],
    ['polls without a pause', { poll: { done: 'x', interval: '0s' } }, 'poll.interval: must be at least 1s'],
  ]

  test.for(cases)('as %s, is refused of people', ([, http, complaint]) => {
    const definition = GivenDefinition.safeParse({
      name: 'shop',
      tasks: tasks(http),
      environments: { staging: { tasks: tasks(http) } },
    })
    const request = GivenRequest.safeParse({ ...aRequest, tasks: tasks(http) })

    expect(said(definition)).toEqual([`tasks.0.http.${complaint}`, `environments.staging.tasks.0.http.${complaint}`])
    expect(said(request)).toEqual([`tasks.0.http.${complaint}`])
  })

  test.for(cases)('as %s, is read where a version before has stored it', ([, http]) => {
    const definition = { name: 'shop', environments: { staging: { tasks: tasks(http) } } }

    expect(said(ApplicationDefinition.safeParse(definition))).toBeUndefined()
    expect(said(DeploymentRequest.safeParse({ ...aRequest, tasks: tasks(http) }))).toBeUndefined()
    expect(said(DeploymentSpec.safeParse({ ...aSpec(), tasks: tasks(http) }))).toBeUndefined()
  })
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
