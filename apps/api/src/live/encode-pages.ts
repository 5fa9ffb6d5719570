import type { EventPage, StreamMessage } from '@vesemir/contract'
import { filterPage, type LogFilter } from './filter-page.ts'

/** Writes a page as it is sent. */
export type PageEncoder<Encoded> = (page: EventPage, filter: LogFilter) => Encoded

/** What a WebSocket sends of a page, each as one text message. */
export const encodeMessages: PageEncoder<readonly Buffer[]> = onceForAll((page) =>
  messagesOf(page).map((message) => Buffer.from(JSON.stringify(message))),
)

/**
 * The same as Server-Sent Events. The cursor goes with the events, which come last but for the end: a connection that
 * breaks in between is resumed before them.
 */
export const encodeServerSentEvents: PageEncoder<Buffer> = onceForAll((page) => {
  const frames = messagesOf(page, { withNone: true }).map((message) => {
    const id = message.kind === 'events' ? `id: ${page.next}${page.epoch === undefined ? '' : `@${page.epoch}`}\n` : ''
    return `${id}data: ${JSON.stringify(message)}\n\n`
  })
  return Buffer.from(frames.join(''))
})

/** Notices come before the events around them. */
function messagesOf(page: EventPage, { withNone = false } = {}): StreamMessage[] {
  const { events, trimmed, ended, restored, epoch } = page
  return [
    ...(restored && epoch !== undefined ? [{ kind: 'restored' as const, ...restored, epoch }] : []),
    ...trimmed.map((range) => ({ kind: 'trimmed' as const, ...range })),
    ...(events.length > 0 || withNone ? [{ kind: 'events' as const, events, epoch }] : []),
    ...(ended ? [{ kind: 'ended' as const }] : []),
  ]
}

/** Viewers at the same place are given the very same page: what is made of it is made once, and shared. */
function onceForAll<Encoded>(encode: (page: EventPage) => Encoded): PageEncoder<Encoded> {
  const known = new WeakMap<EventPage, Map<string, Encoded>>()
  return (page, filter) => {
    const ofPage = known.get(page) ?? new Map<string, Encoded>()
    known.set(page, ofPage)
    const key = `${filter.host ?? ''} ${filter.level ?? ''}`
    const encoded = ofPage.get(key) ?? encode(filterPage(page, filter))
    ofPage.set(key, encoded)
    return encoded
  }
}
