import type { ApplicationHost, CommitChanges, Deployment, DeploymentSpec, PlannedRelease } from '@vesemir/contract'
import { aSpec } from '@vesemir/contract/testing'
import { expect, test } from 'vitest'
import { VesemirError } from '../errors.ts'
import { findChanges, type ChangesPorts } from './find-changes.ts'

const { signal } = new AbortController()

const gitRelease = (version: string): PlannedRelease => ({
  strategy: 'git',
  id: `${version}-ab12`,
  repository: 'https://github.com/example/shop.git',
  commit: `c${version}`,
})

function aDeployment(id: string, version: string, settings: Parameters<typeof aSpec>[0] = {}): Deployment {
  const spec = aSpec({ version, ...settings })
  return { id, spec, plan: { release: gitRelease(version) } } as unknown as Deployment
}

function runs(host: string, version: string, deployment: string): ApplicationHost {
  const release = gitRelease(version).id
  return { host, environment: 'production', traffic: 'restored', runs: { release, version, deployment, at: '' } }
}

interface Known {
  hosts?: ApplicationHost[]
  deployments?: Deployment[]
  listCommits?: () => Promise<CommitChanges | undefined>
  readCurrent?: () => Promise<Deployment | undefined>
}

/** Plans version 2.0.0 to web-1 to web-3, where the last of the deployments had the machines last. */
function changesOf(
  settings: Parameters<typeof aSpec>[0],
  { hosts = [], deployments = [], listCommits, readCurrent = async () => deployments.at(-1) }: Known = {},
) {
  const ports = {
    changesets: () => ({ listCommits }),
    hostHistory: { list: async () => hosts },
    deployments: {
      read: async (id: string) => deployments.find((known) => known.id === id),
      readCurrent,
    },
  } as unknown as ChangesPorts
  const spec: DeploymentSpec = aSpec({ version: '2.0.0', ...settings })
  const names = ['web-1', 'web-2', 'web-3']
  const planned = { hosts: names.map((name) => ({ target: { name } }) as never), release: gitRelease('2.0.0') }
  return findChanges({ id: 'd-43', spec }, planned, ports, signal)
}

test('names versions, settings since the deployment before, and the page of what most hosts run', async () => {
  const { changes, warnings } = await changesOf(
    { concurrency: 4, hooks: { afterEnable: ['two'] }, changes: { compareUrl: 'https://git.example/{from}...{to}' } },
    {
      hosts: [
        runs('web-1', '1.4.1', 'd-41'),
        runs('web-2', '1.4.1', 'd-41'),
        runs('web-3', '1.5.0', 'd-42'),
        runs('gone-1', '1.0.0', 'd-9'),
      ],
      deployments: [
        aDeployment('d-41', '1.4.1'),
        aDeployment('d-42', '1.5.0', { concurrency: 2, hooks: { afterEnable: ['one'] } }),
      ],
    },
  )

  expect(changes).toEqual({
    running: [
      { version: '1.4.1', hosts: 2 },
      { version: '1.5.0', hosts: 1 },
    ],
    since: 'd-42',
    settings: [
      { field: 'changes.compareUrl', change: 'added', after: 'https://git.example/{from}...{to}' },
      { field: 'concurrency', change: 'changed', before: '2', after: '4' },
      { field: 'hooks.afterEnable', change: 'changed' },
    ],
    settingsCount: 3,
    compareUrl: 'https://git.example/1.4.1...2.0.0',
  })
  expect(warnings).toEqual([])
})

test('a host that may run another version is not counted', async () => {
  const mayRun = { release: '1.5.0-ab12', version: '1.5.0', deployment: 'd-42', at: '' }
  const hosts = [runs('web-1', '1.4.1', 'd-41'), { ...runs('web-2', '1.4.1', 'd-41'), mayRun }]

  const { changes } = await changesOf({}, { hosts })

  expect(changes!.running).toEqual([{ version: '1.4.1', hosts: 1 }])
})

test('nothing is compared before the first deployment', async () => {
  const { changes } = await changesOf({})

  expect(changes).toEqual({ running: [], settings: [], settingsCount: 0 })
})

test('a deployment that is planned again is not compared with itself', async () => {
  const { changes } = await changesOf({ concurrency: 4 }, { deployments: [aDeployment('d-43', '2.0.0')] })

  expect(changes!.since).toBeUndefined()
})

test('long lists and values are cut, and the count stays', async () => {
  const only = Array.from({ length: 100 }, (_, index) => `web-${index}`)
  const variables = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`V_${index}`, 'x']))

  const { changes } = await changesOf({ hosts: { only }, variables }, { deployments: [aDeployment('d-42', '1.0.0')] })

  expect(changes!.settingsCount).toBe(41)
  expect(changes!.settings).toHaveLength(30)
  expect(changes!.settings[0]).toEqual({ field: 'hosts.only', change: 'added', after: expect.any(String) as string })
  expect(changes!.settings[0]!.after).toHaveLength(120)
})

test('commits are those since the release that most hosts run; without them, the plan has a warning', async () => {
  const known = { hosts: [runs('web-1', '1.4.1', 'd-41')], deployments: [aDeployment('d-41', '1.4.1')] }
  const commits = { from: 'c1.4.1', to: 'c2.0.0', added: { count: 0, newest: [] }, removed: { count: 0, newest: [] } }

  const listed = await changesOf({}, { ...known, listCommits: async () => commits })
  const failed = await changesOf(
    {},
    {
      ...known,
      listCommits: async () => {
        throw new VesemirError('REVISION_UNKNOWN', 'shop has no commit c1.4.1')
      },
    },
  )

  expect(listed).toMatchObject({ changes: { commits }, warnings: [] })
  expect(failed.changes!.commits).toBeUndefined()
  expect(failed.warnings).toEqual(['commits since 1.4.1-ab12 are not listed: shop has no commit c1.4.1'])
})

test.each([
  ['of another application', { deployments: [aDeployment('d-41', '1.4.1', { application: 'other' })] }],
  ['of another release', { deployments: [aDeployment('d-41', '1.4.0')] }],
  ['that is gone', {}],
])('commits are not those since a deployment %s, whatever is said to run', async (_, known) => {
  const commits = { from: 'c1', to: 'c2', added: { count: 0, newest: [] }, removed: { count: 0, newest: [] } }
  const hosts = [runs('web-1', '1.4.1', 'd-41')]

  const { changes } = await changesOf(
    { changes: { compareUrl: 'https://git.example/{from}...{to}' } },
    { hosts, listCommits: async () => commits, ...known },
  )

  expect(changes).toMatchObject({ running: [{ version: '1.4.1', hosts: 1 }] })
  expect(changes).not.toHaveProperty('commits')
  expect(changes).not.toHaveProperty('compareUrl')
})

test('an earlier deployment that cannot be read is a warning, and no failure', async () => {
  const damaged = () => Promise.reject(new VesemirError('RECORD_INVALID', 'd-41 has wrong fields: state'))

  const found = await changesOf({}, { readCurrent: damaged })

  expect(found).toEqual({ warnings: ['what this changes is not known: d-41 has wrong fields: state'] })
})
