import { createHash, createPrivateKey, sign } from 'node:crypto'

/** Who asks: a client's name and its key. */
export interface ChefIdentity {
  url: string
  clientName: string
  pem: string
}

interface ChefRequest {
  method: 'GET' | 'POST' | 'PUT'
  path: string
  query?: Record<string, string>
  body?: unknown
}

/** Sends one request, signed as in protocol 1.3, and gives the JSON of the answer. */
export async function chefRequest<T>(identity: ChefIdentity, request: ChefRequest): Promise<T> {
  const { method, path, query } = request
  const body = request.body === undefined ? '' : JSON.stringify(request.body)
  const url = new URL(path, identity.url)
  url.search = new URLSearchParams(query).toString()
  const headers = {
    ...signatureHeaders(identity, { method, path, body }),
    Accept: 'application/json',
    'Content-Type': 'application/json',
    'X-Chef-Version': '18.0.0',
  }
  const signal = AbortSignal.timeout(10_000)
  const response = await fetch(url, { method, headers, signal, ...(body && { body }) })
  const answer = await response.text()
  if (!response.ok) throw new Error(`Chef answers ${method} ${path} with ${response.status}: ${answer.slice(0, 500)}`)
  return JSON.parse(answer) as T
}

function signatureHeaders(
  { clientName, pem }: ChefIdentity,
  { method, path, body }: { method: string; path: string; body: string },
): Record<string, string> {
  const timestamp = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  const contentHash = createHash('sha256').update(body).digest('base64')
  const signed = [
    `Method:${method}`,
    `Path:${path}`,
    `X-Ops-Content-Hash:${contentHash}`,
    'X-Ops-Sign:version=1.3',
    `X-Ops-Timestamp:${timestamp}`,
    `X-Ops-UserId:${clientName}`,
    'X-Ops-Server-API-Version:1',
  ]
  const signature = sign('sha256', Buffer.from(signed.join('\n')), createPrivateKey(pem)).toString('base64')
  const lines = signature.match(/.{1,60}/g) ?? []
  return {
    'X-Ops-Sign': 'algorithm=sha256;version=1.3;',
    'X-Ops-UserId': clientName,
    'X-Ops-Timestamp': timestamp,
    'X-Ops-Content-Hash': contentHash,
    'X-Ops-Server-API-Version': '1',
    ...Object.fromEntries(lines.map((line, index) => [`X-Ops-Authorization-${index + 1}`, line])),
  }
}
