import { RolloutSettings, type ApplicationDefinition } from '@vesemir/contract'
import { expect, test } from 'vitest'
import { applyOverrides, needsDefinition, readOverrides, type OverrideOptions } from './overrides.ts'

const definition: ApplicationDefinition = {
  name: 'payments',
  hosts: { tags: ['web'] },
  changeset: { strategy: 'command', commands: ['apt-get install payments'], timeout: '10m' },
  service: { restart: 'sv restart payments', timeout: '60s' },
  rollout: RolloutSettings.parse({ askTimeout: '5m' }),
  environments: { production: { hosts: { query: 'roles:web' } } },
}

test.each<[OverrideOptions, unknown]>([
  [{}, {}],
  [{ concurrency: '2' }, { concurrency: 2 }],
  [{ concurrency: '25%' }, { concurrency: '25%' }],
  [{ concurrency: '1, 10%,50%' }, { concurrency: [1, '10%', '50%'] }],
  [
    { maxFailures: '2', onFailure: 'ask' },
    { rollout: RolloutSettings.parse({ askTimeout: '5m', maxFailures: 2, onFailure: 'ask' }) },
  ],
  [{ hosts: ['web-1', 'web-2'] }, { hosts: { query: 'roles:web', only: ['web-1', 'web-2'] } }],
  [{ tag: ['eu'] }, { hosts: { tags: ['eu'] } }],
  [{ set: ['service.timeout=90s'] }, { service: { restart: 'sv restart payments', timeout: '90s' } }],
  [{ set: ['team=shop', 'team=store'] }, { team: 'store' }],
  [{ set: ['variables.LOG_LEVEL=debug'] }, { variables: { LOG_LEVEL: 'debug' } }],
  [
    { set: ['changeset.commands=[a, "b c"]', 'changeset.timeout="5"'] },
    { changeset: { strategy: 'command', commands: ['a', 'b c'], timeout: '5' } },
  ],
  [{ set: ['loadBalancer.boxes.names=[lb1]'] }, { loadBalancer: { boxes: { names: ['lb1'] } } }],
])('makes of %o the parts that differ, whole', async (options, expected) => {
  const settings = applyOverrides(await readOverrides(options), { definition, environment: 'production' })

  expect(JSON.parse(JSON.stringify(settings))).toEqual(expected)
})

test('needs the definition only for a single field of a part', async () => {
  expect(needsDefinition(await readOverrides({ concurrency: '2', set: ['team=shop'] }))).toBe(false)
  expect(needsDefinition(await readOverrides({ hosts: ['web-1'] }))).toBe(true)
})

test.each(['service', '=5', 'a..b=5', 'service.timeout={'])('refuses --set %s', async (set) => {
  await expect(readOverrides({ set: [set] })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
})
