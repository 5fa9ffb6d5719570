import { ApiError } from '@vesemir/contract'
import { expect, test } from 'vitest'
import { eventsOf, queued, viewsOf } from '../testing/story.ts'
import { createLive } from './live.ts'
import { plain } from './paint.ts'

const away = new ApiError({ type: 'about:blank', title: '', status: 503, detail: 'no answer', code: 'API_UNREACHABLE' })

test('lets the story scroll by above where the deployment is now, and draws a last time when closed', () => {
  const { writes, live } = openLive()

  for (const { event, view } of viewsOf(eventsOf([queued]))) live.event(event, view)
  live.trimmed({ kind: 'trimmed', from: 2, to: 5 })
  live.close()

  expect(writes).toHaveLength(1)
  expect(plain(writes[0]!)).toMatch(
    /^ 15:04:01 d-42 .* requested by ada: hotfix Log lines 2 to 5 were trimmed.* d-42 payments 2\.0\.0 to production {2}queued/,
  )
})

test('says for as long as the API is away that it is', () => {
  const { writes, live } = openLive()

  live.connection({ state: 'lost', error: away })
  live.close()
  live.connection({ state: 'back' })
  live.close()

  expect(writes.map(plain).map((text) => text.trim())).toEqual(['connection lost, reconnecting: no answer', ''])
})

function openLive() {
  const writes: string[] = []
  const terminal = { columns: 80, rows: 24, write: (text: string) => writes.push(text) }
  return { writes, live: createLive(terminal, { timeZone: 'UTC' }) }
}
