import type { Session } from '@vesemir/contract'
import { actionTable } from '@vesemir/core'
import { createContext, useContext } from 'react'

/** Who looks; every page but the one for signing in is within the context. */
export const SessionContext = createContext<Session | undefined>(undefined)

/** Returns who looks, and whether they may deploy and steer somewhere. */
export function useSession(): Session & { mayDeploy: boolean } {
  const session = useContext(SessionContext)!
  return { ...session, mayDeploy: actionTable.deploy.roles.includes(session.role) }
}
