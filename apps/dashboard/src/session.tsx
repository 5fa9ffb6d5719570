import type { Session } from '@vesemir/contract'
import { actionTable } from '@vesemir/core'
import { createContext, useContext } from 'react'

/** Who is signed in; every page but the sign-in page is within the context. */
export const SessionContext = createContext<Session | undefined>(undefined)

/** Returns who is signed in, and whether their role may deploy anywhere. */
export function useSession(): Session & { mayDeploy: boolean } {
  const session = useContext(SessionContext)!
  return { ...session, mayDeploy: actionTable.deploy.roles.includes(session.role) }
}
