import { VesemirError } from '@vesemir/core'
import { z } from 'zod'
import { describeMissing } from './answer-error.ts'
import type { ChefClient } from './chef-client.ts'

/** The attributes of one node, under the names that were asked for. */
export type SearchRow = Record<string, unknown>

interface Search {
  query: string
  /** The name of each attribute in the answer, and its path in the node. */
  attributes: Record<string, string[]>
  pageSize: number
}

interface Page {
  total: number
  /** How many rows the server counts to this page: more than `rows` where it shows nothing of a node. */
  length: number
  rows: SearchRow[]
}

const SearchAnswer = z.object({
  total: z.number(),
  rows: z.array(z.object({ data: z.record(z.string(), z.unknown()).nullish() }).nullable()),
})

/** A search that gives more than this is not believed. */
const maxRows = 100_000

/**
 * Finds the rows of all nodes that match, by partial search, page by page. `attributes` must include the node's `name`.
 * @throws {VesemirError} `INVENTORY_INCOMPLETE` when the server shows fewer nodes than it found; else as `ChefClient.request`
 */
export async function searchNodes(client: ChefClient, search: Search, signal?: AbortSignal): Promise<SearchRow[]> {
  for (let { pageSize } = search; pageSize <= maxRows; pageSize *= 2) {
    const rows = await searchPages(client, { ...search, pageSize }, signal)
    if (rows) return rows
  }
  throw new VesemirError(
    'INVENTORY_ANSWER_INVALID',
    `${client.serverUrl} answers a search with the same nodes again and again`,
  )
}

/**
 * Gives nothing when a node comes twice: goiardi shuffles the nodes for every request, so that another one was missed. Larger
 * pages end that, at the latest when one page holds them all.
 */
async function searchPages(client: ChefClient, search: Search, signal?: AbortSignal): Promise<SearchRow[] | undefined> {
  const rows = new Map<unknown, SearchRow>()
  let total = 0
  for (let start = 0; start < maxRows; start += search.pageSize) {
    const page = await searchPage(client, { ...search, start }, signal)
    total = Math.max(total, page.total)
    for (const row of page.rows) {
      if (rows.has(row.name)) return undefined
      rows.set(row.name, row)
    }
    // goiardi's total is that of the page, and a start beyond its end breaks the connection; Chef's total stops at 10,000,
    // and its pages may come short.
    const isLast = page.length < search.pageSize && start + search.pageSize >= page.total
    if (isLast && rows.size < total) throw incomplete(search, { serverUrl: client.serverUrl, total, shown: rows.size })
    if (isLast) return [...rows.values()]
  }
  throw new VesemirError(
    'INVENTORY_ANSWER_INVALID',
    `${client.serverUrl} answers a search with more than ${maxRows} nodes`,
  )
}

/** With `strict_search_result_acls` a Chef server drops rows that its client may not read, and counts them in `total` all the same. */
function incomplete(
  { query }: Search,
  { serverUrl, total, shown }: { serverUrl: string; total: number; shown: number },
): VesemirError {
  const message =
    `${serverUrl} shows ${shown} of the ${total} nodes that it finds for ${query}: ` +
    'its client may not read the others (strict_search_result_acls), or they were deleted a moment ago'
  return new VesemirError('INVENTORY_INCOMPLETE', message, { details: { query, total, shown } })
}

async function searchPage(
  client: ChefClient,
  { query, attributes, pageSize, start }: Search & { start: number },
  signal?: AbortSignal,
): Promise<Page> {
  const answer = await client.request(
    {
      method: 'POST',
      path: '/search/node',
      query: { q: query, sort: 'X_CHEF_id_CHEF_X asc', rows: String(pageSize), start: String(start) },
      body: attributes,
    },
    signal,
  )
  const parsed = SearchAnswer.safeParse(answer)
  if (!parsed.success) {
    throw new VesemirError(
      'INVENTORY_ANSWER_INVALID',
      `${client.serverUrl}/search/node answers with JSON that is not a search's result: ${describeMissing(client.serverUrl)}`,
    )
  }
  const { total, rows } = parsed.data
  return { total, length: rows.length, rows: rows.map((row) => row?.data).filter((data) => data != null) }
}
