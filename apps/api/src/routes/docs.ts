import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import * as contract from '@vesemir/contract'
import { routes } from '@vesemir/contract'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { RouteSchemas } from '../register-route.ts'
import { toolPagePolicy } from '../security-headers.ts'
import { examples } from './examples.ts'

const description = `Deploys applications to virtual machines behind HAProxy, and reports progress as events.
Programs send a bearer token. Errors are problem documents (RFC 9457) with a stable \`code\`.
The address that lists events also sends them over a WebSocket and as Server-Sent Events.`

/** Collects the routes that follow into an OpenAPI document. */
export async function collectOpenApi(app: FastifyInstance): Promise<void> {
  nameSchemas()
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Vesemir', version: '1', description },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => withoutUnused(jsonSchemaTransformObject(document)),
  })
}

/** Adds the page that shows the document, at /docs; the document itself is /docs/json. */
export async function registerDocs(app: FastifyInstance): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { tryItOutEnabled: true, persistAuthorization: false },
    // Its own policy turns addresses to https:, where the API may not be.
    staticCSP: toolPagePolicy,
    theme: {
      title: 'Vesemir API',
      css: [{ filename: 'theme.css', content: '.swagger-ui .topbar { display: none }' }],
    },
  })
}

/** Gives the contract's schemas their names in the document, where each then stands once. Parameters must stand in place. */
function nameSchemas(): void {
  const parameters = Object.values<RouteSchemas>(routes).flatMap(({ params, query, headers }) => [
    params,
    query,
    headers,
  ])
  for (const [id, schema] of Object.entries(contract)) {
    if (!(schema instanceof z.ZodObject || schema instanceof z.ZodUnion || schema instanceof z.ZodIntersection))
      continue
    if (parameters.includes(schema)) continue
    const example = examples[id]
    const shown = example === undefined ? {} : { examples: [example] }
    z.globalRegistry.add(schema, { ...z.globalRegistry.get(schema), ...shown, id })
  }
}

interface OpenApi {
  paths?: object
  components?: { schemas?: Record<string, unknown> }
}

/** Leaves out the schemas that no route leads to: each is made in two forms, as it is sent and as it is answered. */
function withoutUnused<Document extends object>(document: Document): Document {
  const { paths = {}, components: { schemas = {}, ...components } = {} } = document as OpenApi
  const used = new Set<string>()
  const follow = (part: unknown) => {
    for (const [, name] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (name === undefined || used.has(name)) continue
      used.add(name)
      follow(schemas[name] ?? {})
    }
  }
  follow(paths)
  const kept = Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)))
  return { ...document, components: { ...components, schemas: kept } }
}
