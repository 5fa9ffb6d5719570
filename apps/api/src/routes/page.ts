import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import files from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { pageFiles, pageHeaders } from '../page-files.ts'
import { readPreloads } from '../page-preloads.ts'
import { registerHelp } from './help.ts'

/** Answers a request for an address of the page's own; gives undefined where it is not one. */
export type ServePage = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>

/** Adds the files of web page and documentation, open to all: they hold nothing secret. Returns what answers the page's addresses. */
export async function registerPage(
  app: FastifyInstance,
  { pageFolder: folder, helpFolder }: { pageFolder?: string | undefined; helpFolder?: string | undefined },
): Promise<ServePage> {
  await registerHelp(app, { folder: helpFolder })
  if (folder === undefined) return async () => undefined
  await app.register((scope) =>
    scope.register(files, { root: folder, wildcard: false, index: false, preCompressed: true, ...pageFiles }),
  )
  const preloadsOf = await readPreloads(folder)
  const send = async ({ url, headers }: FastifyRequest, reply: FastifyReply) => {
    // Without a cookie nobody is signed in, and the page asks for nothing more.
    if (headers.cookie !== undefined) reply.header('link', preloadsOf(url))
    const html = await readFile(join(folder, 'index.html'))
    return reply.headers(pageHeaders).type('text/html; charset=utf-8').send(html)
  }
  // To programs too: who looks whether something answers asks for this.
  app.get('/', { schema: { hide: true } }, send)
  return async (request, reply) => {
    const { method, url, headers } = request
    const isPage = method === 'GET' && (headers.accept?.includes('text/html') ?? false) && !isOfTheApi(url)
    return isPage ? send(request, reply) : undefined
  }
}

function isOfTheApi(url: string): boolean {
  return /^\/(?:v1|docs|queues)(?:[/?]|$)/.test(url)
}
