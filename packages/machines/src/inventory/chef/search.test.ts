import { describe, expect, test } from 'vitest'
import type { ChefClient, ChefRequest } from './chef-client.ts'
import { searchNodes } from './search.ts'

/** Answers as `pageAt` says for rows from `start`, and keeps what was asked. */
function aServer(pageAt: (start: number, rows: number) => { total: number; rows: unknown[] }) {
  const asked: { start: number; rows: number }[] = []
  const client: ChefClient = {
    serverUrl: 'http://chef',
    request: async ({ query }: ChefRequest) => {
      const [start, rows] = [Number(query?.start), Number(query?.rows)]
      asked.push({ start, rows })
      return { start, ...pageAt(start, rows) }
    },
  }
  const search = async (pageSize: number) => {
    const rows = await searchNodes(client, { query: 'tags:web', attributes: { name: ['name'] }, pageSize })
    return rows.map(({ name }) => name)
  }
  return { asked, search }
}

const row = (name: string) => ({ url: `http://chef/nodes/${name}`, data: { name } })
const names = (count: number) => Array.from({ length: count }, (_, index) => `web${index}`)

describe('searchNodes', () => {
  test('follows full pages though the total is only that of the page, and never asks beyond the end', async () => {
    const all = names(5).map(row)
    const server = aServer((start, rows) => ({
      total: Math.min(rows, 5 - start),
      rows: all.slice(start, start + rows),
    }))

    expect(await server.search(2)).toEqual(names(5))
    expect(server.asked.map(({ start }) => start)).toEqual([0, 2, 4])
  })

  test.each([
    ['leaves rows out', [row('web0'), undefined, row('web2'), undefined]],
    ['answers null for a node', [row('web0'), null, row('web2'), null]],
    ['answers a row without data', [row('web0'), { url: 'x', data: null }, row('web2'), null]],
  ])('refuses the answer of a server that %s, on one page or on several', async (_, all) => {
    for (const pageSize of [2, 10]) {
      const server = aServer((start, rows) => ({
        total: 4,
        rows: all.slice(start, start + rows).filter((one) => one !== undefined),
      }))

      await expect(server.search(pageSize)).rejects.toMatchObject({
        code: 'INVENTORY_INCOMPLETE',
        message:
          'http://chef shows 2 of the 4 nodes that it finds for tags:web: its client may not read the others (strict_search_result_acls), or they were deleted a moment ago',
      })
    }
  })

  test('goes on past a total that stops at 10,000', async () => {
    const all = names(10_500).map(row)
    const server = aServer((start, rows) => ({ total: 10_000, rows: all.slice(start, start + rows) }))

    expect(await server.search(1000)).toHaveLength(10_500)
  })

  test('asks for larger pages when the server shuffles, until every node was there once', async () => {
    const shuffles = [
      ['web0', 'web1', 'web2'],
      ['web2', 'web0', 'web1'],
    ]
    let turn = 0
    const server = aServer((start, rows) => {
      const page = shuffles[turn++ % 2]!.map(row).slice(start, start + rows)
      return { total: page.length, rows: page }
    })

    expect(new Set(await server.search(2))).toEqual(new Set(['web0', 'web1', 'web2']))
    expect(server.asked.map(({ rows }) => rows)).toEqual([2, 2, 4])
  })

  test('gives up on a server that repeats itself for ever', async () => {
    const server = aServer((_, rows) => ({ total: rows, rows: names(rows).map(row) }))

    await expect(server.search(1000)).rejects.toMatchObject({ code: 'INVENTORY_ANSWER_INVALID' })
    expect(server.asked.length).toBeLessThan(20)
  })

  test.each([[[]], [{ rows: {} }], [{ total: 1, rows: ['web1'] }], ['text'], [null]])(
    'refuses %j, which is not the answer to a search',
    async (answer) => {
      const client: ChefClient = { serverUrl: 'http://chef/organizations/shop', request: async () => answer }

      const found = searchNodes(client, { query: 'tags:web', attributes: {}, pageSize: 10 })

      await expect(found).rejects.toMatchObject({
        code: 'INVENTORY_ANSWER_INVALID',
        message: expect.stringContaining('http://chef/organizations/shop/search/node') as string,
      })
    },
  )
})
