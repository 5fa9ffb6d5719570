import { createServer } from 'node:http'
import { startServer } from '@vesemir/testing/start-server'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose'

/** An issuer of ID tokens, as CI systems have one: a discovery document and keys. */
export interface Issuer extends AsyncDisposable {
  url: string
  /** Signs claims; all that a valid token has is there unless changed. */
  sign(
    claims: JWTPayload,
    changes?: { key?: CryptoKey; issuer?: string; audience?: string; expires?: string },
  ): Promise<string>
  /** How often its keys were fetched. */
  fetched: number
}

/** Starts an issuer on a free loopback port. */
export async function startIssuer(audience: string): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }
  const server = await startServer(
    createServer((request, response) => {
      const isKeys = request.url === '/keys'
      if (isKeys) issuer.fetched += 1
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(isKeys ? { keys: [jwk] } : { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` }))
    }),
  )
  const issuer: Issuer = {
    url: `http://127.0.0.1:${server.port}`,
    fetched: 0,
    sign: (claims, { key = privateKey, expires = '5m', ...changes } = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid: 'one' })
        .setIssuer(changes.issuer ?? issuer.url)
        .setAudience(changes.audience ?? audience)
        .setSubject('repo:example/payments:ref:refs/heads/main')
        .setIssuedAt()
        .setExpirationTime(expires)
        .sign(key),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
  return issuer
}
