/** Marks that change the reading direction, and separators of lines: a text could look like another one. */
const marks = /[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** Writes marks that change the reading direction as escapes, such as `\u202e`. */
export function escapeDirectionMarks(text: string): string {
  return text.replace(marks, escape)
}

/** Does the same in a JSON document, whose strings then hold the escapes as text. */
export function escapeDirectionMarksInJson(json: string): string {
  return json.replace(marks, (mark) => `\\${escape(mark)}`)
}

function escape(mark: string): string {
  return `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`
}
