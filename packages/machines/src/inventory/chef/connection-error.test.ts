import { describe, expect, test } from 'vitest'
import { connectionError } from './connection-error.ts'

/** An error as fetch throws it. */
const fetchFailed = (code: string) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(`${code} happened`), { code }) })

describe('connectionError', () => {
  test.each([
    ['ECONNREFUSED', 'chef.example:8443 refuses the connection, so nothing listens there', true],
    ['ENOTFOUND', 'the name chef.example is not known to DNS', true],
    ['EAI_AGAIN', 'the name chef.example is not known to DNS', true],
    ['EHOSTUNREACH', 'no route to chef.example:8443', true],
    ['UND_ERR_CONNECT_TIMEOUT', 'no data from chef.example:8443 within 10 s', false],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its TLS certificate is not accepted (DEPTH_ZERO_SELF_SIGNED_CERT)', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'its TLS certificate is not accepted (ERR_TLS_CERT_ALTNAME_INVALID)', false],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'chef.example:8443 does not speak TLS as https needs it', false],
    ['ECONNRESET', 'the connection to chef.example:8443 broke (ECONNRESET)', true],
  ])('says %s in words, and whether another try may help', (code, words, retry) => {
    const error = connectionError(fetchFailed(code), { serverUrl: 'https://chef.example:8443/', timeoutMs: 10_000 })

    expect(error).toMatchObject({ code: 'INVENTORY_UNREACHABLE', details: { retry } })
    expect(error.message).toContain(`no answer from the Chef server https://chef.example:8443/: ${words}`)
  })
})
