import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import Provider, { type Configuration } from 'oidc-provider'
import { startServer } from './start-server.ts'

/** An identity provider: a real one, of the npm package oidc-provider, with pages on which anybody signs in by their name. */
export interface IdentityProvider extends AsyncDisposable {
  issuer: string
  clientId: string
  clientSecret: string
  /** Whom it knows, by login, with their groups. A test may change it. */
  people: Map<string, string[]>
}

interface ProviderOptions {
  /** Where browsers come back to. */
  url: string
  people: Record<string, string[]>
  /** Its name in Vesemir's settings. */
  name?: string
  /** What their addresses end in. */
  domain?: string
}

const client = { clientId: 'vesemir', clientSecret: 'a-secret-of-the-client' }

/** Starts a provider for one client. Its issuer is another site than 127.0.0.1. */
export async function startIdentityProvider(options: ProviderOptions): Promise<IdentityProvider> {
  let handle: (request: IncomingMessage, response: ServerResponse) => unknown = () => {}
  const server = await startServer(createServer((request, response) => void handle(request, response)))
  const known = new Map(Object.entries(options.people))
  const issuer = `http://localhost:${server.port}`
  const provider = new Provider(issuer, configurationFor(options, known))
  handle = provider.callback()
  return { issuer, ...client, people: known, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

function configurationFor(
  { url, name = 'corp', domain = 'example.com' }: ProviderOptions,
  people: ReadonlyMap<string, string[]>,
): Configuration {
  return {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: [`${url}/sign-in/${name}/callback`],
        post_logout_redirect_uris: [url],
        grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      },
    ],
    features: { deviceFlow: { enabled: true } },
    cookies: { keys: ['a key for cookies'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['groups'] },
    findAccount: (_context, id) => {
      const groups = people.get(id)
      if (!groups) return undefined
      const claims = { sub: id, email: `${id}@${domain}`, email_verified: true, groups }
      return { accountId: id, claims: () => claims }
    },
  }
}
