interface Sharing<Question> {
  /** Names a question: those of one name share a reading. */
  keyOf: (question: Question) => string
  /** How long a reading is kept for others; one that failed is not kept. */
  keptMs: number
}

/** Returns the same reading for all who ask the same within a short time: a thousand viewers who come at once cost what one does. */
export function shareReadings<Question, Reading>(
  read: (question: Question) => Promise<Reading>,
  { keyOf, keptMs }: Sharing<Question>,
): (question: Question) => Promise<Reading> {
  const readings = new Map<string, Promise<Reading>>()
  return (question) => {
    const key = keyOf(question)
    const known = readings.get(key)
    if (known) return known
    const reading = read(question)
    const forget = () => readings.delete(key)
    reading.then(() => setTimeout(forget, keptMs).unref(), forget)
    readings.set(key, reading)
    return reading
  }
}
