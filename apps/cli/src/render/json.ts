import { selectEvent, type EventFilter } from './event-filter.ts'
import type { Viewer } from './viewer.ts'

/** Shows a deployment's events as they are, one JSON object on each line: for programs. */
export function createJsonLines(options: { write: (text: string) => void; filter?: EventFilter }): Viewer {
  const { write, filter = {} } = options
  return {
    begin: () => {},
    event: (event, view) => {
      const selected = selectEvent(event, view, filter)
      if (selected) write(jsonLine(selected))
    },
    trimmed: (notice) => write(jsonLine(notice)),
    restored: (notice) => write(jsonLine(notice)),
    connection: () => {},
    close: () => {},
  }
}

/** Writes a value as one line of JSON. */
export function jsonLine(value: unknown): string {
  return `${escapeControls(JSON.stringify(value))}\n`
}

/** Writes a value as a JSON document that people can read. */
export function jsonDocument(value: unknown): string {
  return `${escapeControls(JSON.stringify(value, undefined, 2))}\n`
}

/**
 * JSON lets these stand as they are, and a terminal obeys them: DEL, the C1 controls, marks that turn the reading direction. The runner of
 * GitHub Actions obeys `##[` anywhere in a line.
 */
function escapeControls(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|(?<=#)#(?=\[)/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
