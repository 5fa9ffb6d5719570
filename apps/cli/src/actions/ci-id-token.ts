import { VesemirError } from '@vesemir/core'
import { httpFetch } from '../http.ts'

const timeoutMs = 30_000

/**
 * Returns the ID token of the CI job that this runs in: VESEMIR_ID_TOKEN, as GitLab CI sets it (`id_tokens`), or one that GitHub
 * Actions issues on request (`permissions: id-token: write`).
 * @throws {VesemirError} `CONFIG_INVALID` when this is no such job
 */
export async function findCiIdToken(audience: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { VESEMIR_ID_TOKEN: given, ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } = env
  if (given) return given
  if (url && token) return requestFromGithub(new URL(url), { audience, token })
  const message = 'No ID token found. In GitHub Actions, set permissions: id-token: write; else, set VESEMIR_ID_TOKEN'
  throw new VesemirError('CONFIG_INVALID', message)
}

async function requestFromGithub(url: URL, { audience, token }: { audience: string; token: string }): Promise<string> {
  url.searchParams.set('audience', audience)
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }
  const answer = await httpFetch(url, {
    method: 'GET',
    headers,
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  })
  const { value } = answer.status === 200 ? (JSON.parse(await answer.text()) as { value?: unknown }) : {}
  if (typeof value === 'string') return value
  throw new VesemirError('ID_TOKEN_REFUSED', `GitHub Actions returned no ID token (${answer.status})`)
}
