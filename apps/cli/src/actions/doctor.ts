import { ApiError, type DoctorCheck } from '@vesemir/contract'
import { exitCodes, exitOfError } from '../exit-codes.ts'
import { hintOf } from '../explain-error.ts'
import { checkLines } from '../render/checks.ts'
import { jsonDocument } from '../render/json.ts'
import type { Session } from '../session.ts'

/** Checks everything that deployments need, from the API on; exits with 0 when all of it is ok. */
export async function examine({ cluster, session }: { cluster?: string; session: Session }): Promise<number> {
  const { client, json, write, print } = session
  const api = await checkApi(session)
  const checks = api.check.ok ? [api.check, ...(await client.doctor({ cluster })).checks] : [api.check]
  if (json) write(jsonDocument({ checks }))
  else checkLines(checks).forEach(print)
  if (api.exit !== exitCodes.succeeded) return api.exit
  return checks.every(({ ok }) => ok) ? exitCodes.succeeded : exitCodes.failed
}

/** Checks that the API answers and accepts the token. */
async function checkApi({ client, url }: Session): Promise<{ check: DoctorCheck; exit: number }> {
  const place = { name: 'api', target: url }
  try {
    const { name, role } = await client.getSession()
    return { check: { ...place, ok: true, detail: `ok: signed in as ${name} (${role})` }, exit: exitCodes.succeeded }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const { detail, hint = hintOf(error.code) } = error.problem
    const check = { ...place, ok: false, detail, ...(hint === undefined ? {} : { hint }) }
    return { check, exit: exitOfError(error) }
  }
}
