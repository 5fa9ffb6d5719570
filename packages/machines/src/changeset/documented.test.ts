import { Changeset, HealthCheck, Service } from '@vesemir/contract'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { ChangesetsOptions } from './index.ts'

const page = readFileSync(new URL('../../../../docs/changesets.md', import.meta.url), 'utf8')
const schemas = { changeset: Changeset, changesets: ChangesetsOptions, healthCheck: HealthCheck, service: Service }

/** Every block, and the one with three ways to write a service line by line. */
const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].flatMap(([, block]) =>
  block!.startsWith('service:') ? block!.trim().split('\n') : [block!],
)

test.for(examples)('the page on changesets is right: %s', (text) => {
  const [[part, settings]] = Object.entries(parse(text) as object) as [[keyof typeof schemas, unknown]]

  expect(schemas[part].safeParse(settings).error?.issues).toBeUndefined()
})
