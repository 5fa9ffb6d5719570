import { createContext, useCallback, useContext, useState, type ReactNode } from 'react'

const AnnouncerContext = createContext<(text: string) => void>(() => {})

/** Returns a function that announces a text to screen readers. */
export function useAnnounce(): (text: string) => void {
  return useContext(AnnouncerContext)
}

/** Holds the one element of the page that screen readers read out when it changes. */
export function Announcer({ children }: { children: ReactNode }) {
  const [text, setText] = useState('')
  // The same sentence twice would be no change, and would not be read.
  const announce = useCallback((said: string) => setText((before) => (before === said ? `${said}\u00a0` : said)), [])
  return (
    <AnnouncerContext value={announce}>
      {children}
      <p className="visually-hidden" role="status">
        {text}
      </p>
    </AnnouncerContext>
  )
}
