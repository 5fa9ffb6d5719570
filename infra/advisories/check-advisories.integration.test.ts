import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { startServer } from '@vesemir/testing/start-server'
import { expect, test } from 'vitest'
import { checkAdvisories } from './check-advisories.ts'

const root = join(import.meta.dirname, '../..')

/** Asks a registry that has these advisories, by package, and answers about what it is asked for. */
async function checkBy(status: number, advisories: Record<string, object[]>) {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const asked = Object.keys((await json(request)) as object)
    const known = Object.entries(advisories).filter(([name]) => asked.includes(name))
    response.writeHead(status).end(JSON.stringify(Object.fromEntries(known)))
  }
  await using registry = await startServer(createServer((request, response) => void answer(request, response)))
  const url = `http://127.0.0.1:${registry.port}/`
  return await checkAdvisories(root, { ...process.env, npm_config_registry: url, pnpm_config_registry: url })
}

function advisory(severity: string) {
  const url = `https://advisories.example/${severity}`
  return { id: severity.length, url, title: `a ${severity} flaw`, severity, vulnerable_versions: '>=0.0.1', cwe: [] }
}

test('a package that runs, with an advisory of severity high, is named with the advisory', async () => {
  const check = await checkBy(200, { fastify: [advisory('high'), advisory('low')] })

  const named = 'fastify: high: a high flaw (https://advisories.example/high)'
  expect(check).toEqual({ answered: true, grave: [named], others: 1 })
})

test('tools that do not run in production are not asked about', async () => {
  expect(await checkBy(200, { turbo: [advisory('critical')] })).toEqual({ answered: true, grave: [], others: 0 })
})

test('a registry that does not answer is told from one that knows of no advisory', async () => {
  const check = await checkBy(405, {})

  expect(check).toMatchObject({ answered: false, why: expect.stringContaining('405') as string })
})
