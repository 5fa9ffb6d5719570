import { useEffect, useState } from 'react'
import { useAnnounce } from './announcer.tsx'

/** How long the button says what came of it. */
const sayMs = 4000

interface CopyButtonProps {
  /** What is copied, for screen readers: `the lines shown`. */
  what: string
  textOf: () => string
  disabled?: boolean
}

/** Copies a text to the clipboard, and says whether it is there. */
export function CopyButton({ what, textOf, disabled }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<string>()
  const announce = useAnnounce()
  useEffect(() => {
    if (outcome === undefined) return
    const timer = setTimeout(() => setOutcome(undefined), sayMs)
    return () => clearTimeout(timer)
  }, [outcome])
  const copy = async () => {
    const said = await copyText(textOf())
    setOutcome(said)
    announce(said)
  }
  return (
    <button type="button" disabled={disabled} onClick={() => void copy()}>
      {outcome ?? 'Copy'}
      <span className="visually-hidden"> {what}</span>
    </button>
  )
}

async function copyText(text: string): Promise<string> {
  // Browsers give no clipboard to a page that came by plain HTTP from another machine.
  if (!isSecureContext) return 'Copying needs HTTPS'
  try {
    await navigator.clipboard.writeText(text)
    return 'Copied'
  } catch {
    return 'The browser refused to copy'
  }
}
