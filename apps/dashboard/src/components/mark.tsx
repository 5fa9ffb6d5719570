import type { Status as StatusText, Tone } from '@vesemir/words'

const paths: Record<Tone, string> = {
  idle: 'M8 3.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9',
  active: 'M8 2.5a5.5 5.5 0 0 1 5.5 5.5',
  waiting: 'M6 4v8M10 4v8',
  good: 'M3.5 8.5l3 3l6-7',
  bad: 'M4 4l8 8M12 4l-8 8',
  back: 'M6 4l-3 3l3 3M3.5 7h6a3 3 0 0 1 0 6H7',
}

/** The mark of a state: a shape of its own, beside its colour. */
export function Mark({ tone }: { tone: Tone }) {
  return (
    <svg className="mark" data-tone={tone} viewBox="0 0 16 16" aria-hidden="true">
      {tone === 'active' && <circle className="mark-track" cx="8" cy="8" r="5.5" />}
      <path d={paths[tone]} />
    </svg>
  )
}

/** A state as a mark and a word. */
export function Status({ shown: { tone, text }, big = false }: { shown: StatusText; big?: boolean }) {
  return (
    <span className={big ? 'status status-big' : 'status'} data-tone={tone}>
      <Mark tone={tone} />
      {capitalize(text)}
    </span>
  )
}

/** Returns a text as it begins a line of the page. */
export function capitalize(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}
