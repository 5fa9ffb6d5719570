import { sep } from 'node:path'
import type { FastifyStaticOptions } from '@fastify/static'
import { pagePolicy } from './security-headers.ts'

/** Headers of our own pages. */
export const pageHeaders = { 'cache-control': 'no-cache', 'content-security-policy': pagePolicy }

/** How files of our own pages are served. */
export const pageFiles = {
  cacheControl: false,
  setHeaders(reply, path) {
    // The bundlers name files below assets/ by their content.
    const isNamedByContent = path.includes(`${sep}assets${sep}`)
    for (const [name, value] of Object.entries(pageHeaders)) reply.header(name, value)
    if (isNamedByContent) reply.header('cache-control', 'public, max-age=31536000, immutable')
  },
} satisfies Partial<FastifyStaticOptions>
