/** How a state stands. Every front end has a colour and a mark for each, so that none is told apart by its colour alone. */
export type Tone = 'idle' | 'active' | 'waiting' | 'good' | 'bad' | 'back'

/** What a part of a text is, where it is no state: a name, an aside, or a command to type. */
export type Emphasis = 'strong' | 'quiet' | 'command'

/** A piece of a text with its tone. */
export interface Part {
  text: string
  tone: Tone | Emphasis
}

/** A state in a word or two. */
export interface Status {
  text: string
  tone: Tone
}

/** A line of text. The command line paints its parts, the page renders them, notifications join them. */
export type Text = readonly (string | Part)[]

/** Returns a part with a tone. */
export function toned<T extends Part['tone']>(text: string, tone: T): { text: string; tone: T } {
  return { text, tone }
}

/** Returns a part that stands out, such as a name. */
export function strong(text: string): Part {
  return { text, tone: 'strong' }
}

/** Returns a part that steps back, such as a time. */
export function quiet(text: string): Part {
  return { text, tone: 'quiet' }
}

/** Joins the parts of a text, without their tones. */
export function toPlainText(text: Text): string {
  return text.map((part) => (typeof part === 'string' ? part : part.text)).join('')
}
