import { getCACertificates } from 'node:tls'
import { VesemirError } from '@vesemir/core'
import { EnvHttpProxyAgent } from 'undici'
import { asSent } from './as-sent.ts'
import type { Outgoing } from './outgoing.ts'

/** Node's `fetch`, by the way that the settings say. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>

interface FetchOptions {
  /** Where `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are looked up, in lower case too. */
  env: Readonly<Record<string, string | undefined>>
  /** Certificates in PEM that are trusted besides Node's own and those of NODE_EXTRA_CA_CERTS. */
  certificates?: readonly string[]
  /** Whether bodies stay packed as they were sent, whatever their Content-Encoding. */
  keepsEncoding?: boolean
  /** Whether whoever asks limits the time of each request: then a server may be silent for longer than undici's 5 minutes. */
  hasOwnLimits?: boolean
  /** Where connections may go; anywhere without it. A proxy resolves names itself: of these only the URL is checked. */
  outgoing?: Outgoing
}

/**
 * Creates the one way in which the worker asks HTTP servers: through the proxies of the environment, as curl takes them.
 * @throws {VesemirError} `CONFIG_INVALID` when a proxy is no URL; it may have a password in it, and is not shown
 */
export function createFetch(options: FetchOptions): Fetch {
  const { env, certificates = [], keepsEncoding = false, hasOwnLimits = false, outgoing } = options
  const tls = certificates.length > 0 ? { ca: [...getCACertificates('default'), ...certificates] } : {}
  const agent = new EnvHttpProxyAgent({
    ...proxiesIn(env),
    ...(hasOwnLimits ? { headersTimeout: 0, bodyTimeout: 0 } : {}),
    connect: { ...tls, ...(outgoing && { lookup: outgoing.lookup }) },
    requestTls: tls,
  })
  const dispatcher = keepsEncoding ? agent.compose(asSent) : agent
  // Node's types have the dispatcher of the undici that is part of Node.
  return async (url, init) => {
    outgoing?.check(new URL(url))
    return fetch(url, { ...init, dispatcher } as unknown as RequestInit)
  }
}

function proxiesIn(env: FetchOptions['env']): { httpProxy: string; httpsProxy: string; noProxy: string } {
  const valueOf = (name: string) => env[name.toLowerCase()] ?? env[name] ?? ''
  const proxy = (name: string) => {
    const value = valueOf(name)
    if (value !== '' && !/^https?:$/.test(URL.parse(value)?.protocol ?? ''))
      throw new VesemirError(
        'CONFIG_INVALID',
        `the environment variable ${name} is not the http: or https: URL of a proxy`,
      )
    return value
  }
  return { httpProxy: proxy('HTTP_PROXY'), httpsProxy: proxy('HTTPS_PROXY'), noProxy: valueOf('NO_PROXY') }
}
