import { readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import files from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** Answers a request for an address of the page's own; gives undefined where it is not one. */
export type ServePage = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>

/** Adds the web page's files, open to all: there is nothing in them that is secret. Gives what answers its addresses. */
export async function registerPage(
  app: FastifyInstance,
  { folder }: { folder: string | undefined },
): Promise<ServePage> {
  if (folder === undefined) return async () => undefined
  await app.register(async (scope) => {
    await scope.register(files, {
      root: folder,
      wildcard: false,
      cacheControl: false,
      setHeaders(reply, path) {
        // The bundler names files below assets/ by their content.
        const isNamedByContent = path.includes(`${sep}assets${sep}`)
        reply.header('cache-control', isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache')
        reply.header('content-security-policy', contentSecurityPolicy)
      },
    })
  })
  return async ({ method, url, headers }, reply) => {
    const isPage = method === 'GET' && (headers.accept?.includes('text/html') ?? false) && !isOfTheApi(url)
    if (!isPage) return undefined
    const html = await readFile(join(folder, 'index.html'))
    return reply
      .headers({ 'cache-control': 'no-cache', 'content-security-policy': contentSecurityPolicy })
      .type('text/html; charset=utf-8')
      .send(html)
  }
}

function isOfTheApi(url: string): boolean {
  return /^\/(?:v1|docs|queues)(?:[/?]|$)/.test(url)
}
