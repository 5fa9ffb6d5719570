import type { OnLine } from '@vesemir/core'

/** What a script on a host says to this end, told from what it prints besides. */
export interface HostMessages {
  onLine: OnLine
  /** What came after the word, the last time it was said. */
  said(word: string): string | undefined
  /** Waits for one of the words; gives undefined when the talk ends without it. */
  heard(word: string): Promise<string | undefined>
  end(): void
}

/** Takes lines of standard output such as "vesemir: previous 1.0.0" for words; passes the others on to the log. */
export function createHostMessages(onLine: OnLine): HostMessages {
  const values = new Map<string, string>()
  const waiting = new Map<string, PromiseWithResolvers<string | undefined>>()
  let ended = false

  return {
    onLine(line) {
      const [, word, value = ''] = (line.stream === 'stdout' && /^vesemir: ([a-z]+) ?(.*)$/.exec(line.text)) || []
      if (word === undefined) return onLine(line)
      values.set(word, value)
      waiting.get(word)?.resolve(value)
      return undefined
    },
    said: (word) => values.get(word),
    async heard(word) {
      const value = values.get(word)
      if (value !== undefined || ended) return value
      const awaited = waiting.get(word) ?? Promise.withResolvers<string | undefined>()
      waiting.set(word, awaited)
      return awaited.promise
    },
    end() {
      ended = true
      for (const awaited of waiting.values()) awaited.resolve(undefined)
    },
  }
}

/** A word's value by the word's name, where something was said. */
export function messageOf<Word extends string>(talk: HostMessages, word: Word): { [Key in Word]?: string } {
  const value = talk.said(word)
  return value ? ({ [word]: value } as { [Key in Word]?: string }) : {}
}
