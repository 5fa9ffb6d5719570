import { createHash, createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/**
 * Returns whether a request without a body, or with one that has the sum which the request names, is signed by a key. AWS Signature
 * Version 4: "Create a signed AWS API request" in the IAM User Guide.
 */
export function isSigned({ method, url = '', headers }: IncomingMessage, secret: string): boolean {
  const form = /Credential=[^/]+\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=(\w+)/
  const [, day, region, signed, signature] = form.exec(headers.authorization ?? '') ?? []
  if (signature === undefined) return false
  const { pathname, searchParams } = new URL(url, 'http://localhost')
  const query = [...searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`).toSorted()
  const named = signed!.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`)
  const sum = String(headers['x-amz-content-sha256'])
  const request = [method, pathname, query.join('&'), named.join(''), signed, sum].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, hashOf(request)].join('\n')
  const key = [day!, region!, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`)
  return hmac(key, text).toString('hex') === signature
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.codePointAt(0)!.toString(16).toUpperCase()}`,
  )
}
