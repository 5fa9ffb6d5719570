import { useEffect, useId, useRef, useState, type ReactNode } from 'react'

interface QuestionProps {
  title: string
  /** The label of the button that confirms, such as "Roll back". */
  yes: string
  children: ReactNode
  onYes: (reason: string | undefined) => void
  onNo: () => void
}

/** Asks for confirmation and for a reason. Escape declines. */
export function Question({ title, yes, children, onYes, onNo }: QuestionProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [reason, setReason] = useState('')
  const heading = useId()
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} aria-labelledby={heading} onClose={onNo}>
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault()
          onYes(reason.trim() === '' ? undefined : reason.trim())
        }}
      >
        <h2 id={heading}>{title}</h2>
        {children}
        <label>
          Reason (optional, kept in the record)
          <input value={reason} maxLength={500} onChange={({ target }) => setReason(target.value)} />
        </label>
        <div className="buttons">
          <button className="danger">{yes}</button>
          <button type="button" onClick={onNo} autoFocus>
            Not now
          </button>
        </div>
      </form>
    </dialog>
  )
}
