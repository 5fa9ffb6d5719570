import type { Session } from '@vesemir/contract'
import { createContext, useContext } from 'react'

/** Who looks; every page but the one for signing in is within the context. */
export const SessionContext = createContext<Session | undefined>(undefined)

/** Gives who looks, and whether they may deploy and steer. */
export function useSession(): Session & { mayDeploy: boolean } {
  const session = useContext(SessionContext)!
  return { ...session, mayDeploy: session.role !== 'viewer' }
}
