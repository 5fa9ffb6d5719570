import { ApplicationDefinition, DeploymentRequest } from '@vesemir/contract'
import { expect, test } from 'vitest'
import { changedSettings } from './changed-settings.ts'

const definition = ApplicationDefinition.parse({
  name: 'payments',
  team: 'core',
  cluster: 'eu',
  concurrency: 2,
  loadBalancer: { kind: 'none' },
  changeset: { strategy: 'command', commands: ['true'] },
  hosts: { tags: ['web'], only: ['web-1', 'web-2'] },
  variables: { LEVEL: 'info', PROXY: 'none' },
  environments: { production: { rollout: { gates: [{ wait: 'approval' }] } } },
})

test.each<[object, string[]]>([
  [{}, []],
  [{ team: 'core', concurrency: 2, changeset: { strategy: 'command', commands: ['true'] } }, []],
  [{ hosts: { tags: ['canary', 'web'], only: ['web-2'] } }, []],
  [{ hosts: { tags: ['web'] } }, ['hosts']],
  [{ hosts: { tags: ['web'], only: ['web-3'] } }, ['hosts']],
  [{ hosts: { only: ['web-1'] } }, ['hosts']],
  [{ hosts: { query: 'recipes:haproxy', only: ['web-1'] } }, ['hosts']],
  [{ rollout: {} }, ['rollout.gates']],
  [{ variables: { LEVEL: 'info' } }, []],
  [{ variables: { LEVEL: 'debug', NEW: '1' } }, ['variables.LEVEL', 'variables.NEW']],
  [{ acceptLowCapacity: false }, []],
  [{ acceptLowCapacity: true, concurrency: '50%' }, ['concurrency', 'acceptLowCapacity']],
  [{ changeset: { strategy: 'command', commands: ['id'] } }, ['changeset.commands']],
])('a request of %j changes %j', (changes, expected) => {
  const request = { application: 'payments', environment: 'production', version: '1.4.2', ...changes }

  expect(changedSettings(DeploymentRequest.parse(request), definition)).toEqual(expected)
})
