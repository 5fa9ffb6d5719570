import { expect, test } from 'vitest'
import { createUploads } from './uploads.ts'

const chunkBytes = 256 * 1024

async function* chunksOf(bytes: number, told: (asked: number) => void = () => {}) {
  for (let sent = 0; sent < bytes; sent += chunkBytes) {
    told(sent)
    yield new Uint8Array(Math.min(chunkBytes, bytes - sent))
  }
}

const { signal } = new AbortController()

test('uploads get the same share, also one that comes later', async () => {
  const uploads = createUploads({})
  const takenBytes = [0, 0, 0]
  const upload = async (index: number, bytes: number) => {
    for await (const piece of uploads.paced(chunksOf(bytes), signal)) takenBytes[index]! += piece.length
  }

  const first = upload(0, 64 * chunkBytes)
  const second = upload(1, 64 * chunkBytes)
  while (takenBytes[0]! < 8 * chunkBytes) await new Promise(setImmediate)
  const before = [...takenBytes]
  await upload(2, 8 * chunkBytes)
  const after = [...takenBytes]
  await Promise.all([first, second])

  const shares = after.map((bytes, index) => bytes - before[index]!)
  expect(shares[2]).toBe(8 * chunkBytes)
  for (const share of shares) expect(Math.abs(share - shares[2]!)).toBeLessThanOrEqual(chunkBytes)
  expect(takenBytes).toEqual([64 * chunkBytes, 64 * chunkBytes, 8 * chunkBytes])
})

test('all uploads together keep to the limit', async () => {
  const uploads = createUploads({ bytesPerSecond: 4_000_000 })
  const startedMs = performance.now()

  const totals = await Promise.all(
    [1, 2, 3, 4].map(async () => {
      let bytes = 0
      for await (const piece of uploads.paced(chunksOf(300_000), signal)) bytes += piece.length
      return bytes
    }),
  )

  const tookMs = performance.now() - startedMs
  expect(totals).toEqual([300_000, 300_000, 300_000, 300_000])
  expect(tookMs).toBeGreaterThan(280)
})

test('a source is asked for more only when its turn has come', async () => {
  const uploads = createUploads({ bytesPerSecond: 1_000_000 })
  const asked: number[] = []
  const pieces = uploads.paced(
    chunksOf(4 * chunkBytes, (at) => asked.push(at)),
    signal,
  )

  await pieces.next()

  expect(asked).toEqual([0])
  await pieces.return(undefined)
})

test('an upload that is given up leaves its turn to the others', async () => {
  const uploads = createUploads({ bytesPerSecond: 10_000 })
  const given = new AbortController()
  const first = uploads.paced(chunksOf(chunkBytes), given.signal)
  const second = uploads.paced(chunksOf(100), signal)
  const startedMs = performance.now()
  for (let turn = 0; turn < 2; turn += 1) await first.next()

  const waiting = Promise.all([first.next(), first.next()])
  given.abort()
  await waiting
  const { value } = await second.next()

  expect((value as Uint8Array).length).toBe(100)
  expect(performance.now() - startedMs).toBeLessThan(1000)
  await first.return(undefined)
})
