import { useDeferredValue, type ReactNode } from 'react'

/** What is below the first screen, shown once what is above it has been painted. */
export function Later({ children }: { children: ReactNode }) {
  const isPainted = useDeferredValue(true, false)
  return isPainted && children
}
