import type { Ref } from 'react'
import type { LogView } from '../live/log-view.ts'

interface LogSearchProps {
  view: LogView
  /** The place of the line that the reader is at. */
  current: number | undefined
  search: string
  onSearch: (text: string) => void
  /** Goes to the next line that matches, or to the one before. */
  onStep: (step: 1 | -1) => void
  ref: Ref<HTMLInputElement>
}

/** Searches the log: Enter goes to the next line that matches, Shift and Enter to the one before. */
export function LogSearch({ view, current, search, onSearch, onStep, ref }: LogSearchProps) {
  return (
    <form
      className="search"
      role="search"
      aria-label="Log"
      onSubmit={(event) => {
        event.preventDefault()
        onStep(1)
      }}
    >
      <input
        ref={ref}
        type="search"
        value={search}
        placeholder="Search"
        aria-label="Search the log"
        onChange={({ target }) => onSearch(target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !event.shiftKey) return
          event.preventDefault()
          onStep(-1)
        }}
      />
      <span className="sub" role="status">
        {search === '' ? '' : describeMatches(view, current)}
      </span>
      {search !== '' && (
        <>
          <button type="button" aria-label="Previous match" onClick={() => onStep(-1)}>
            ↑
          </button>
          <button aria-label="Next match">↓</button>
        </>
      )}
    </form>
  )
}

function describeMatches({ found }: LogView, current: number | undefined): string {
  if (found.length === 0) return 'No matches'
  const at = current === undefined ? -1 : found.indexOf(current)
  return at === -1 ? `${found.length} found` : `${at + 1} of ${found.length}`
}
