import { ApplicationDefinition } from '@vesemir/contract'
import { toJsonSchema } from '@vesemir/process/settings'
import type { FastifyInstance } from 'fastify'

// Made before the API's reference gives names to schemas, by which the text would be another than in the packages.
const schema = toJsonSchema(ApplicationDefinition, { title: 'An application of Vesemir' })

/** Adds the JSON Schema of an application's file, open to all: editors ask for it by its address. */
export function registerSchemas(app: FastifyInstance): void {
  app.get('/schemas/application.json', { schema: { hide: true }, logLevel: 'warn' }, async (_request, reply) =>
    reply.type('application/schema+json').send(JSON.stringify(schema)),
  )
}
