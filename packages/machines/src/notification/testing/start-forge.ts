import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { startServer } from '@vesemir/testing/start-server'

export interface ForgeRequest {
  method: string
  path: string
  token: unknown
  body: object | undefined
}

export interface ForgeServer extends AsyncDisposable {
  url: string
  /** Those that change something. */
  changes: ForgeRequest[]
  /** Answers every request with this status, where set. */
  failing?: number
}

interface Kept extends Record<string, unknown> {
  id: number
}

/**
 * Starts the part of an API that keeps statuses and deployments of commits, in the shapes that its documentation shows: what is posted to a
 * path is listed there, the newest first, by the query's fields that the entries have.
 */
export async function startForge(kind: 'github' | 'gitlab', sha: string): Promise<ForgeServer> {
  const kept = new Map<string, Kept[]>()
  const listAt = (path: string) => kept.get(path) ?? kept.set(path, []).get(path)!
  const post = (path: string, body: object): Kept => {
    // A status is listed below its commit, and posted beside it.
    const place = path.replace(/\/statuses\/(?=\w+$)/, kind === 'github' ? '/commits/' : '/repository/commits/')
    const entry = { id: 1 + [...kept.values()].flat().length, sha, updated_at: new Date().toISOString(), ...body }
    listAt(place === path ? path : `${place}/statuses`).unshift(entry)
    return entry
  }
  const get = (url: URL) => {
    const isCommit = /\/commits\/[^/]+$/.test(url.pathname)
    if (isCommit) return kind === 'github' ? { sha } : { id: sha }
    const after = url.searchParams.get('updated_after')
    return listAt(url.pathname).filter(
      (entry) =>
        [...url.searchParams].every(([key, value]) => !(key in entry) || entry[key] === value) &&
        (after === null || String(entry['updated_at']) > after),
    )
  }
  const put = (path: string, body: object) => {
    const [, place = '', id] = /^(.*)\/(\d+)$/.exec(path) ?? []
    return Object.assign(
      listAt(place).find((entry) => entry.id === Number(id))!,
      { updated_at: new Date().toISOString() },
      body,
    )
  }
  const started = await startServer(
    createServer((request, response) => {
      const reply = async () => {
        const url = new URL(request.url!, 'http://forge')
        const given = await text(request)
        const body = given === '' ? undefined : (JSON.parse(given) as object)
        const { authorization, 'private-token': privateToken } = request.headers
        const { method = '' } = request
        if (method !== 'GET')
          server.changes.push({ method, path: url.pathname, token: authorization ?? privateToken, body })
        const value =
          method === 'GET' ? get(url) : method === 'POST' ? post(url.pathname, body!) : put(url.pathname, body!)
        response.writeHead(server.failing ?? (method === 'POST' ? 201 : 200)).end(JSON.stringify(value))
      }
      void reply()
    }),
  )
  const server: ForgeServer = {
    url: `http://127.0.0.1:${started.port}`,
    changes: [],
    [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
  }
  return server
}
