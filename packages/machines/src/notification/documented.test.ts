import { readFileSync } from 'node:fs'
import { Notice, Notification } from '@vesemir/contract'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { RecipientsOptions } from './index.ts'
import { aNotice } from './testing/a-notice.ts'
import { sign } from './webhook/sign.ts'

const page = readFileSync(new URL('../../../../docs/notifications.md', import.meta.url), 'utf8')

function examples(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text = '']) => text)
}

test('the settings, of workers and of applications, can be given as the page has them', () => {
  const [worker, application] = examples('yaml').map((text) => parse(text) as unknown)
  const { clusters } = worker as { clusters: { eu: { notifications: unknown } } }
  const { notifications } = application as { notifications: unknown }

  expect(Object.keys(RecipientsOptions.parse(clusters.eu.notifications))).toEqual(['ops', 'chat'])
  expect(z.array(Notification).parse(notifications)).toHaveLength(2)
})

test('the notice is one as it is sent, and the page names everything that one may have', () => {
  const [example] = examples('json').map((text) => JSON.parse(text) as unknown)
  const names = Notice.options.flatMap(({ shape }) => Object.keys(shape))

  expect(Notice.parse(example)).toEqual(example)
  expect(names.filter((name) => !new RegExp(`[\`"]${name}[\`"]`).test(page))).toEqual([])
})

test('the code for receivers takes what is signed, and nothing else', async () => {
  const [code] = examples('js')
  const { isFromVesemir } = (await import(`data:text/javascript,${encodeURIComponent(code!)}`)) as {
    isFromVesemir: (header: string | undefined, body: string, secret: string) => boolean
  }
  const secret = 'a-secret-of-some-length'
  const body = JSON.stringify(aNotice({ note: 'é' }))
  const nowMs = Date.now()
  const header = sign(body, { secret, nowMs })

  expect(isFromVesemir(header, body, secret)).toBe(true)
  expect(isFromVesemir(header, `${body} `, secret)).toBe(false)
  expect(isFromVesemir(header, body, 'another')).toBe(false)
  expect(isFromVesemir(header.replace(/t=\d+/, `t=${Math.floor(nowMs / 1000) - 1}`), body, secret)).toBe(false)
  expect(isFromVesemir(sign(body, { secret, nowMs: nowMs - 301_000 }), body, secret)).toBe(false)
  expect(isFromVesemir(undefined, body, secret)).toBe(false)
})
