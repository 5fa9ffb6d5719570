import { Hooks } from '@vesemir/contract'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { SecretsOptions } from './secrets-options.ts'

const page = readFileSync(new URL('../../../../docs/secrets.md', import.meta.url), 'utf8')
const [use, settings] = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, block]) => parse(block!) as unknown)

test('the page on secrets is right', () => {
  const { hooks } = use as { hooks: unknown }
  const { clusters } = settings as { clusters: { eu: { secrets: unknown } } }

  expect(Hooks.safeParse(hooks).error?.issues).toBeUndefined()
  expect(SecretsOptions.safeParse(clusters.eu.secrets).error?.issues).toBeUndefined()
})
