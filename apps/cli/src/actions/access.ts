import type { AccessQuery } from '@vesemir/contract'
import { describeGrant, errorTable } from '@vesemir/core'
import type { z } from 'zod'
import { exitCodes } from '../exit-codes.ts'
import { jsonDocument } from '../render/json.ts'
import type { Session } from '../session.ts'

/** Shows who the caller is, and each of their grants on a line. */
export async function showCaller({ client, json, write, print }: Session): Promise<number> {
  const caller = await client.getSession()
  if (json) write(jsonDocument(caller))
  else [caller.name, ...caller.grants.map((grant) => `  ${describeGrant(grant)}`)].forEach((line) => print([line]))
  return exitCodes.succeeded
}

interface Question {
  action: string
  application: string
  environment: string
}

/** Explains whether the caller may do something, and ends with the exit code of a refusal if they may not. */
export async function explainAccess(question: Question, { client, json, write, print }: Session): Promise<number> {
  // An action that does not exist is refused by the API, which lists those that do.
  const decision = await client.decideAccess(question as z.input<typeof AccessQuery>)
  if (json) write(jsonDocument(decision))
  else print([`${decision.isAllowed ? 'yes' : 'no'}: ${decision.reason}`])
  return decision.isAllowed ? exitCodes.succeeded : errorTable.FORBIDDEN.exit
}
