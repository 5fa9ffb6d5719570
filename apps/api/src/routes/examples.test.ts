import * as contract from '@vesemir/contract'
import { expect, test } from 'vitest'
import type { z } from 'zod'
import { examples } from './examples.ts'

test.each(Object.entries(examples))('the example of %s is one', (name, example) => {
  const schema = (contract as Record<string, unknown>)[name] as z.ZodType

  // What the schema does not know, it drops.
  expect(schema.parse(example)).toMatchObject(example)
})
