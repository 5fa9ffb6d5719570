import { useEffect, useState } from 'react'
import { addressWith, navigate, useAddress } from './navigation.tsx'

/** Browsers refuse an address that changes with every key. */
const restMs = 300

/** Keeps what is typed into a field in the address under this name: a moment after the last key, without a step to go back by. */
export function useTypedText(name: string): [typed: string, type: (text: string) => void] {
  const place = useAddress()
  const addressed = place.query.get(name) ?? ''
  const [typed, setTyped] = useState(addressed)
  const [known, setKnown] = useState(addressed)
  // The reader has gone back, or has followed a link.
  if (addressed !== known) {
    setKnown(addressed)
    setTyped(addressed)
  }
  useEffect(() => {
    if (typed === known) return
    const timer = setTimeout(() => {
      setKnown(typed)
      navigate(addressWith(place, { [name]: typed }), { replace: true })
    }, restMs)
    return () => clearTimeout(timer)
  }, [name, place, typed, known])
  return [typed, setTyped]
}
