import type { Ref } from 'react'
import type { LogFilter } from '../live/log-filter.ts'
import type { LogView } from '../live/log-view.ts'
import { addressWith, navigate, useAddress } from '../navigation.tsx'

interface LogSearchProps {
  view: LogView
  filter: LogFilter
  /** The place of the line that the reader is at. */
  current: number | undefined
  onSearch: (text: string) => void
  /** Goes to the next line that matches, or to the one before. */
  onStep: (step: 1 | -1) => void
  ref: Ref<HTMLInputElement>
}

/** Searches the log: Enter goes to the next line that matches, Shift and Enter to the one before. Other lines can be left out. */
export function LogSearch({ view, filter: { text, isMatchesOnly }, current, onSearch, onStep, ref }: LogSearchProps) {
  const place = useAddress()
  const lines = isMatchesOnly ? undefined : 'matching'
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
        value={text}
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
        {text === '' ? '' : describeMatches(view, current)}
      </span>
      {text !== '' && (
        <>
          <button type="button" aria-label="Previous match" onClick={() => onStep(-1)}>
            ↑
          </button>
          <button aria-label="Next match">↓</button>
          <button
            type="button"
            aria-pressed={isMatchesOnly}
            onClick={() => navigate(addressWith(place, { text, lines }), { replace: true })}
          >
            Only matches
          </button>
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
