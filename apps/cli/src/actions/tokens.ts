import type { ApiToken, ApiTokenRequest, Grant } from '@vesemir/contract'
import { isDuration } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { formatDateTime } from '@vesemir/words'
import { exitCodes } from '../exit-codes.ts'
import { jsonDocument } from '../render/json.ts'
import { tokenLines } from '../render/lists.ts'
import type { Session } from '../session.ts'

/** What a token may do, as options say it. */
export interface GrantOptions {
  role: Grant['role']
  application?: string[]
  team?: string[]
  environment?: string[]
  cluster?: string[]
}

type CreateOptions = GrantOptions & { expires: string; session: Session }

/** Creates a token. It alone goes to stdout, so that a program can take it. */
export async function createToken(name: string, { expires, session, ...options }: CreateOptions): Promise<number> {
  if (!isDuration(expires))
    throw new VesemirError('REQUEST_INVALID', `--expires: "${expires}" is not a duration, e.g. 12h or 30d`)
  const { client, json, write, print, notify } = session
  const request: ApiTokenRequest = { name, grants: [toGrant(options)], expiresIn: expires }
  const created = await client.createToken(request)
  if (json) write(jsonDocument(created))
  else {
    print([created.token])
    notify([`Token ${name} expires on ${formatDateTime(created.expiresAt)}. It is not shown again`])
  }
  return exitCodes.succeeded
}

function toGrant({ role, application, team, environment, cluster }: GrantOptions): Grant {
  return { role, applications: application, teams: team, environments: environment, clusters: cluster }
}

/** Lists the tokens that the caller may see. */
export async function listTokens({ client, json, write, print, notify }: Session): Promise<number> {
  const list = await client.listTokens()
  if (json) write(jsonDocument(list))
  else if (list.tokens.length === 0) notify(['No tokens found. Create one: vesemir tokens create NAME --role ROLE'])
  else tokenLines(list.tokens).forEach(print)
  return exitCodes.succeeded
}

/** Revokes the token of a name, or of an id where several people have tokens of that name. */
export async function revokeToken(token: string, { client, json, write, notify }: Session): Promise<number> {
  const found = findToken((await client.listTokens()).tokens, token)
  await client.revokeToken(found.id)
  if (json) write(jsonDocument({ revoked: found }))
  else notify([`Token ${found.name} of ${found.owner} is revoked`])
  return exitCodes.succeeded
}

function findToken(tokens: readonly ApiToken[], wanted: string): ApiToken {
  const found = tokens.filter(({ id, name }) => id === wanted || name === wanted)
  if (found.length === 1) return found[0]!
  if (found.length === 0) throw new VesemirError('TOKEN_UNKNOWN', `token ${wanted} not found`)
  const owners = found.map(({ id, owner }) => `${id} (${owner})`).join(', ')
  throw new VesemirError('REQUEST_INVALID', `${found.length} tokens are named ${wanted}. Pass an id: ${owners}`)
}
