import { useEffect, useState } from 'react'

/** Gives the time, in ms, and anew once in a while as long as it `goes`. */
export function useNow(goes = true, everyMs = 1000): number {
  const [nowMs, setNowMs] = useState(() => Date.now())
  useEffect(() => {
    if (!goes) return undefined
    const timer = setInterval(() => setNowMs(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [goes, everyMs])
  return nowMs
}
