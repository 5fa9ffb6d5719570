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

/** A page out of sight has no frames, and one that was just hidden has lost the frame that it waited for. */
function nextFrame(callback: () => void): void {
  const frame = requestAnimationFrame(() => {
    clearTimeout(timer)
    callback()
  })
  const timer = setTimeout(() => {
    cancelAnimationFrame(frame)
    callback()
  }, hiddenMs)
}

/** How often a page out of sight takes in what has happened, so that it does not pile up. */
const hiddenMs = 500

const nothing: LiveState = { view: undefined, connection: 'live', error: undefined, logEnd: 0, isCaughtUp: false }
const readNothing = () => nothing
const subscribeToNothing = () => () => {}
