import { useEffect, useState, useSyncExternalStore } from 'react'
import { api } from './api.ts'
import { LiveDeployment, type LiveState } from './live/live-deployment.ts'

/** Follows a deployment while the component is there. */
export function useLiveDeployment(id: string): { live: LiveDeployment | undefined; state: LiveState } {
  const [live, setLive] = useState<LiveDeployment>()
  useEffect(() => {
    const following = new LiveDeployment(id, { client: api, schedule: nextFrame })
    setLive(following)
    window.addEventListener('offline', following.goOffline)
    window.addEventListener('online', following.reconnect)
    return () => {
      window.removeEventListener('offline', following.goOffline)
      window.removeEventListener('online', following.reconnect)
      following[Symbol.dispose]()
    }
  }, [id])
  const state = useSyncExternalStore(live?.subscribe ?? subscribeToNothing, live?.read ?? readNothing)
  return { live, state }
}

/** There are no frames while the page is out of sight, and what happens then must not pile up. */
function nextFrame(callback: () => void): void {
  if (document.visibilityState === 'visible') requestAnimationFrame(callback)
  else setTimeout(callback, 500)
}

const nothing: LiveState = { view: undefined, connection: 'live', error: undefined, logEnd: 0, isCaughtUp: false }
const readNothing = () => nothing
const subscribeToNothing = () => () => {}
