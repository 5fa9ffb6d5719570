/** A text whose seal holds, and what it says that it follows; '' for none. */
export interface Opened {
  text: string
  link: string
}

/** What was read of a sealed text, with its link. */
export interface Reading<Value> extends Pick<Opened, 'link'> {
  value: Value
}

/** Reads a sealed text at its place; throws as `parse` does, and what opens the text. */
export type Reader = <Value>(place: string, text: { sealed: string; parse: (text: string) => Value }) => Reading<Value>

/** More than a worker has of deployments at once. */
const mostRemembered = 200
/** An order that is to do what a plan said has all hosts of it. What was parsed takes several times as much. */
const mostCharacters = 8 * 1024 * 1024

/** Makes what opens and parses the same text at the same place once. */
export function createReader(open: (place: string, sealed: string) => Opened): Reader {
  const remembered = new Map<string, { sealed: string; reading: Reading<unknown> }>()
  let characters = 0
  return <Value>(place: string, { sealed, parse }: { sealed: string; parse: (text: string) => Value }) => {
    const last = remembered.get(place)
    // A place says what its texts are read as.
    if (last?.sealed === sealed) return last.reading as Reading<Value>
    const { text, link } = open(place, sealed)
    const reading = freeze({ value: parse(text), link })
    characters += sealed.length - (last?.sealed.length ?? 0)
    if (remembered.size === mostRemembered || characters > mostCharacters) {
      remembered.clear()
      characters = sealed.length
    }
    remembered.set(place, { sealed, reading })
    return reading
  }
}

/** Others get the same: what one changed would be nobody's record. */
function freeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  Object.values(value).forEach(freeze)
  return Object.freeze(value)
}
