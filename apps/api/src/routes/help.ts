import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import files from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { pageFiles, pageHeaders } from '../page-files.ts'

/** Adds the documentation at /help, open to all: there is nothing in it that is secret. */
export async function registerHelp(app: FastifyInstance, { folder }: { folder: string | undefined }): Promise<void> {
  if (folder === undefined) return
  app.get('/help', { schema: { hide: true } }, (_request, reply) => reply.redirect('/help/'))
  await app.register(
    async (scope) => {
      scope.setNotFoundHandler(async (_request, reply) => {
        const html = await readFile(join(folder, '404.html'))
        return reply.status(404).headers(pageHeaders).type('text/html; charset=utf-8').send(html)
      })
      await scope.register(files, { root: folder, extensions: ['html'], ...pageFiles })
    },
    { prefix: '/help' },
  )
}
