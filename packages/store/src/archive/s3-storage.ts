import { openAsBlob } from 'node:fs'
import { VesemirError } from '@vesemir/core'
import { AwsClient } from 'aws4fetch'
import type { S3Settings } from './settings.ts'
import type { ArchiveStorage } from './storage.ts'

const answerTimeoutMs = 20_000
const uploadTimeoutMs = 10 * 60_000

interface Sent {
  method: 'GET' | 'PUT' | 'DELETE'
  name?: string
  query?: Record<string, string>
  headers?: Record<string, string>
  body?: Blob
  timeoutMs?: number
}

/**
 * Stores files in a bucket, by requests signed with AWS Signature Version 4. The bucket is in the path, which servers of all
 * makers understand.
 */
export function createS3Storage(
  { endpoint, region, bucket, prefix: start, accessKeyId }: Omit<S3Settings, 'secretAccessKey'>,
  secretAccessKey: string,
): ArchiveStorage {
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 2 })

  async function send({ method, name, query = {}, headers = {}, body, timeoutMs = answerTimeoutMs }: Sent) {
    const url = new URL(
      `${endpoint.replace(/\/+$/, '')}/${bucket}${name === undefined ? '' : `/${encode(start + name)}`}`,
    )
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value)
    const what = `${method} ${start}${name ?? query['prefix']} in bucket ${bucket}`
    const giveUp = new AbortController()
    const timer = setTimeout(() => giveUp.abort(), timeoutMs)
    try {
      const answer = await client.fetch(url, { method, headers, ...(body && { body }), signal: giveUp.signal })
      if (answer.ok || (method === 'DELETE' && answer.status === 404)) return answer
      const [, code = ''] = /<Code>(\w+)<\/Code>/.exec(await answer.text()) ?? []
      throw new VesemirError('ARCHIVE_FAILED', `${what}: ${answer.status} ${code}`.trim())
    } catch (cause) {
      if (cause instanceof VesemirError) throw cause
      const why = giveUp.signal.aborted ? `no answer within ${timeoutMs / 1000} s` : reasonOf(cause)
      throw new VesemirError('ARCHIVE_FAILED', `${what}: ${why}`, { cause })
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    async put(name, { path, sha256 }) {
      const body = await openAsBlob(path)
      // The server refuses a body with another sum.
      const headers = { 'x-amz-content-sha256': sha256, 'content-type': 'application/x-ndjson' }
      const answer = await send({ method: 'PUT', name, headers, body, timeoutMs: uploadTimeoutMs })
      await answer.arrayBuffer()
    },
    async *read(name) {
      const answer = await send({ method: 'GET', name })
      if (answer.body) yield* whole(answer.body, `GET ${start}${name} in bucket ${bucket}`)
    },
    async list(prefix) {
      const names: string[] = []
      for (let token: string | undefined; ;) {
        const query = { 'list-type': '2', prefix: start + prefix, ...(token && { 'continuation-token': token }) }
        const xml = await (await send({ method: 'GET', query })).text()
        for (const [, key] of xml.matchAll(/<Key>([^<]*)<\/Key>/g)) names.push(unescape(key!).slice(start.length))
        token = /<NextContinuationToken>([^<]*)<\/NextContinuationToken>/.exec(xml)?.[1]
        if (token === undefined) return names
        token = unescape(token)
      }
    },
    async remove(name) {
      await (await send({ method: 'DELETE', name })).arrayBuffer()
    },
  }
}

/** A body that breaks off is a failure like any other. */
async function* whole(body: AsyncIterable<Uint8Array>, what: string): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch (cause) {
    throw new VesemirError('ARCHIVE_FAILED', `${what}: ${reasonOf(cause)}`, { cause })
  }
}

/** Slashes stay: they are part of the path that is signed. */
function encode(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/')
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescape(xml: string): string {
  return xml.replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole)
}

function reasonOf(error: unknown): string {
  const { cause = error } = error as { cause?: unknown }
  const { code, message } = cause as { code?: string; message?: string }
  return code ?? message ?? String(cause)
}
