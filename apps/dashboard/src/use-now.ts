import { useEffect, useState } from 'react'

/** Returns the time in ms, and updates it at intervals while it `goes`. */
export function useNow(goes = true, everyMs = 1000): number {
  const [nowMs, setNowMs] = useState(() => Date.now())
  useEffect(() => {
    if (!goes) return undefined
    const timer = setInterval(() => setNowMs(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [goes, everyMs])
  return nowMs
}
