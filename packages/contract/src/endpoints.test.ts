import { expect, test } from 'vitest'
import { z } from 'zod'
import { endpoints } from './endpoints.ts'
import { routes } from './index.ts'

test.each(Object.entries(endpoints))('asks of the answer to %s only what its schema has', (name, { answer }) => {
  const { response } = routes[name as keyof typeof routes]

  const required = response instanceof z.ZodObject ? z.toJSONSchema(response, { io: 'output' }).required : []

  expect(required).toEqual(expect.arrayContaining([...answer]))
})
