import { ApplicationDefinition } from '@vesemir/contract'
import { expect, it } from 'vitest'
import { describeChanges } from './describe-changes.ts'

const define = (changes: object) => ApplicationDefinition.parse({ name: 'payments', team: 'core', ...changes })

it('names what differs between two definitions, in environments too', () => {
  const before = define({ concurrency: 1, environments: { production: { concurrency: 1 }, 'eu.test': {} } })
  const after = define({ cluster: 'eu', environments: { production: { concurrency: '50%' }, 'eu.test': {} } })

  expect(describeChanges(before, after)).toEqual({
    before: { concurrency: 1, 'environments.production.concurrency': 1 },
    after: { cluster: 'eu', 'environments.production.concurrency': '50%' },
  })
  expect(describeChanges(undefined, define({}))).toEqual({ before: {}, after: { name: 'payments', team: 'core' } })
})

it('shows nothing of settings that may hold a password', () => {
  const secret = (word: string) => ({
    hooks: { beforeDrain: [`login ${word}`] },
    service: { restart: `restart ${word}` },
    changeset: { strategy: 'artifact', url: `https://a.example/${word}/x.tgz`, directory: '/srv/x' },
    healthCheck: { kind: 'http', port: 80, headers: { 'x-shop': word } },
  })
  const changes = describeChanges(
    define({ ...secret('hunter1'), environments: { 'eu.test': secret('hunter2') } }),
    define({ ...secret('hunter3'), environments: { 'eu.test': secret('hunter4') } }),
  )

  expect(JSON.stringify(changes)).not.toContain('hunter')
  expect(changes.after['environments.eu.test.service.restart']).toBe('(hidden)')
})
