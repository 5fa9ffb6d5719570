import type { DeploymentView } from '@vesemir/contract'
import { isEnded } from '@vesemir/core'
import { useEffect, useEffectEvent, useState } from 'react'
import { recall, remember } from '../browser-memory.ts'
import { describeEnd } from '../end-notice.ts'
import { useAnnounce } from './announcer.tsx'

/**
 * A button for a notification of the browser when a deployment ends. The browser asks the reader after the click, and the choice is
 * remembered for the deployment. The page has to stay open, in sight or not.
 */
export function NotifyAtEnd({ view }: { view: DeploymentView }) {
  const { id } = view.deployment
  const hasEnded = isEnded(view.deployment)
  const [isWanted, setIsWanted] = useState(() => recall(keyOf(id)) !== undefined && mayNotify())
  const [problem, setProblem] = useState<string>()
  // What ended while nobody watched is seen as soon as the page opens.
  const [wasOngoing] = useState(!hasEnded)
  const announce = useAnnounce()

  const want = (wanted: boolean) => {
    setIsWanted(wanted)
    remember(keyOf(id), wanted ? 'on' : undefined)
  }
  const end = useEffectEvent(() => {
    if (isWanted && wasOngoing) notify(view)
    want(false)
  })
  useEffect(() => {
    if (hasEnded) end()
  }, [hasEnded])

  const toggle = async () => {
    const refusal = isWanted ? undefined : await askPermission()
    setProblem(refusal)
    want(!isWanted && refusal === undefined)
    if (refusal !== undefined) announce(refusal)
  }
  if (hasEnded) return null
  return (
    <div className="buttons">
      <button aria-pressed={isWanted} onClick={() => void toggle()}>
        Notify me when it ends
      </button>
      {isWanted && <span className="sub">Keep this page open; it may be in the background.</span>}
      {problem !== undefined && <span className="sub">{problem}</span>}
    </div>
  )
}

function keyOf(id: string): string {
  return `notify.${id}`
}

function mayNotify(): boolean {
  return 'Notification' in window && Notification.permission === 'granted'
}

/** Asks the reader, through the browser, whether the page may notify; returns why it may not. */
async function askPermission(): Promise<string | undefined> {
  if (!isSecureContext) return 'Notifications need HTTPS.'
  if (!('Notification' in window) || !hasNotifications()) return 'This browser has no notifications for pages.'
  switch (await Notification.requestPermission()) {
    case 'granted':
      return undefined
    case 'denied':
      return 'The browser refuses notifications of this page. Allow them in its settings for this site, then try again.'
    case 'default':
      return 'Notifications were not allowed. Try again, and allow them when the browser asks.'
  }
}

/** Chrome on Android knows notifications of service workers alone, and throws; elsewhere, none is shown before it is allowed. */
function hasNotifications(): boolean {
  if (Notification.permission === 'granted') return true
  try {
    return new Notification('') instanceof Notification
  } catch {
    return false
  }
}

function notify(view: DeploymentView): void {
  const { title, body } = describeEnd(view, Date.now())
  try {
    // Two pages of one deployment show one notification: the tag is the same.
    const shown = new Notification(title, { body, tag: view.deployment.id, icon: '/icon.svg' })
    shown.addEventListener('click', () => {
      window.focus()
      shown.close()
    })
  } catch (error) {
    // Chrome on Android, where its settings allowed notifications before the reader was asked.
    if (!(error instanceof TypeError)) throw error
  }
}
