import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kept } from '../read-chunks.ts'
import { readLocalFile } from './read-local-file.ts'

let folder: string
let url: string
const content = Buffer.alloc(600 * 1024, 'release')
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-read-'))
  const path = join(folder, 'payments.tar.gz')
  await writeFile(path, content)
  url = pathToFileURL(path).href
})
afterAll(() => rm(folder, { recursive: true }))

const read = (signal: AbortSignal) => readLocalFile(url, { folders: [folder], signal })

test('a file is read whole, in pieces', async () => {
  expect(await buffer(kept(read(new AbortController().signal)))).toEqual(content)
})

test.for([
  ['before it began', 0],
  ['after its first piece', 1],
] as const)('a reader that gives up %s is told so, and nobody else is', async ([, pieces]) => {
  const controller = new AbortController()
  const reading = read(controller.signal)
  for (const _ of Array.from({ length: pieces })) await reading.next()

  controller.abort(new Error('the host is gone'))

  await expect(reading.next()).rejects.toThrow('the host is gone')
})
