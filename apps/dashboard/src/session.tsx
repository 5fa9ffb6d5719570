import type { Session } from '@vesemir/contract'
import { actionTable, findGrant } from '@vesemir/core'
import { createContext, useContext } from 'react'

/** Who is signed in; every page but the sign-in page is within the context. */
export const SessionContext = createContext<Session | undefined>(undefined)

/** Returns who is signed in, whether their role may deploy anywhere, and whether they see all of the audit log. */
export function useSession(): Session & { mayDeploy: boolean; mayAudit: boolean } {
  const session = useContext(SessionContext)!
  const mayAudit = findGrant(session.grants, 'audit', {}) !== undefined
  return { ...session, mayDeploy: actionTable.deploy.roles.includes(session.role), mayAudit }
}
