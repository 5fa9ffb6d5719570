import { isVesemirError, type Clock } from '@vesemir/core'
import type { PersonSession, PersonSessions } from '@vesemir/store/credential'
import type { Provider } from './provider.ts'

const minuteMs = 60_000
/** With a refresh token, what somebody may do follows the provider in so long. */
export const checkEveryMs = 5 * minuteMs
/** When the provider does not answer. */
const checkAgainMs = minuteMs

interface CurrentPorts {
  sessions: Pick<PersonSessions, 'find' | 'update' | 'claimCheck' | 'releaseCheck'>
  clock: Pick<Clock, 'now'>
  /** Returns undefined for one that the settings no longer name. */
  findProvider: (name: string) => Pick<Provider, 'refresh'> | undefined
  end: (session: PersonSession) => Promise<void>
}

/** Makes what brings a session up to what its provider says now; it returns undefined when the provider stands by it no longer. */
export function createKeepCurrent({ sessions, clock, findProvider, end }: CurrentPorts) {
  const isDue = ({ refreshToken, checkMs }: PersonSession) => refreshToken !== undefined && clock.now() >= checkMs
  const askAgain = async (session: PersonSession, provider: Pick<Provider, 'refresh'>) => {
    const { subject, refreshToken, idToken } = session
    try {
      const vouched = await provider.refresh({ subject, idToken, refreshToken: refreshToken! })
      const checked = { ...session, ...vouched, checkMs: clock.now() + checkEveryMs }
      await sessions.update(checked)
      return checked
    } catch (error) {
      if (isVesemirError(error, 'PROVIDER_FAILED')) {
        await sessions.update({ ...session, checkMs: clock.now() + checkAgainMs })
        return session
      }
      if (!isVesemirError(error, 'SIGN_IN_REFUSED')) throw error
      await end(session)
      return undefined
    }
  }
  return async (session: PersonSession | undefined): Promise<PersonSession | undefined> => {
    if (!session) return undefined
    const provider = findProvider(session.provider)
    if (!provider) {
      await end(session)
      return undefined
    }
    // Where the claim is taken, another request asks the provider just now.
    if (!isDue(session) || !(await sessions.claimCheck(session.id))) return session
    try {
      const current = await sessions.find(session.id)
      return current && isDue(current) ? await askAgain(current, provider) : current
    } finally {
      await sessions.releaseCheck(session.id)
    }
  }
}
