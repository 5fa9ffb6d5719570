import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { buffer, json } from 'node:stream/consumers'
import { makeCertificate } from '@vesemir/testing/make-certificate'
import { startServer } from '@vesemir/testing/start-server'

/** A server of repositories and their large files, which asks for a password. */
interface GitServer extends AsyncDisposable {
  /** The address below which the repositories are. */
  url: string
  /** The variables of a worker that knows its authority and the password. */
  env: NodeJS.ProcessEnv
  /** How many requests for a large file are answered with 503 first. */
  busy: number
}

const [user, password] = ['reader', 'hunter2-hunter2']
const login = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

/**
 * Serves the repositories of a folder by HTTPS: with git's own http-backend, and Git LFS's basic transfers
 * (https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md) out of the repositories' `lfs/objects`.
 */
export async function startGitServer(root: string, folder: string): Promise<GitServer> {
  const certificate = makeCertificate(folder)
  const started = await startServer(createServer(certificate, (request, response) => void answer(request, response)))
  const url = `https://127.0.0.1:${started.port}/`
  const gitconfig = join(folder, 'gitconfig-https')
  writeFileSync(gitconfig, `[credential]\n\thelper = "!printf 'username=${user}\\npassword=${password}\\n' #"\n`)
  const server: GitServer = {
    url,
    env: { GIT_CONFIG_GLOBAL: gitconfig, GIT_SSL_CAINFO: certificate.caFile, NO_PROXY: '127.0.0.1' },
    busy: 0,
    [Symbol.asyncDispose]: started[Symbol.asyncDispose],
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url!
    if (request.headers.authorization !== login) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
      return
    }
    const [, repository, oid] = /^\/(.+)\/info\/lfs\/objects\/(\w+)$/.exec(path) ?? []
    if (repository === undefined || oid === undefined) return serveByGit(request, response)
    if (oid === 'batch') return answerBatch(request, response, repository)
    if (server.busy > 0) {
      server.busy -= 1
      response.writeHead(503, { 'retry-after': '0' }).end()
      return
    }
    response.end(readObject(repository, oid))
  }

  async function answerBatch(request: IncomingMessage, response: ServerResponse, repository: string): Promise<void> {
    const { objects } = (await json(request)) as { objects: { oid: string; size: number }[] }
    const found = objects.map(({ oid, size }) =>
      readObject(repository, oid)
        ? { oid, size, actions: { download: { href: `${url}${repository}/info/lfs/objects/${oid}` } } }
        : { oid, size, error: { code: 404, message: 'Object does not exist' } },
    )
    response.setHeader('content-type', 'application/vnd.git-lfs+json')
    response.end(JSON.stringify({ transfer: 'basic', objects: found }))
  }

  function readObject(repository: string, oid: string): Buffer | undefined {
    try {
      const content = readFileSync(join(root, repository, 'lfs/objects', oid.slice(0, 2), oid.slice(2, 4), oid))
      return createHash('sha256').update(content).digest('hex') === oid ? content : undefined
    } catch {
      return undefined
    }
  }

  /** Git's http-backend is a CGI program (RFC 3875). */
  async function serveByGit(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path, query = ''] = request.url!.split('?')
    const env = {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'],
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
      GIT_PROTOCOL: request.headers['git-protocol'] as string | undefined,
    }
    const backend = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'inherit'] })
    request.pipe(backend.stdin)
    const said = await buffer(backend.stdout)
    const end = said.indexOf('\r\n\r\n')
    for (const line of said.subarray(0, end).toString().split('\r\n')) {
      const [name, value] = line.split(': ') as [string, string]
      if (name === 'Status') response.statusCode = Number.parseInt(value, 10)
      else response.setHeader(name, value)
    }
    response.end(said.subarray(end + 4))
  }

  return server
}
