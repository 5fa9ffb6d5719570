import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { shareReadings } from './share-readings.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const keptMs = 250

test('those who ask the same within the time share a reading, and others have their own', async () => {
  const asked: string[] = []
  const read = shareReadings(async (id: string) => asked.push(id), { keyOf: (id) => id, keptMs })

  expect(await Promise.all([read('d-1'), read('d-1'), read('d-2')])).toEqual([1, 1, 2])
  await vi.advanceTimersByTimeAsync(keptMs - 1)
  expect(await read('d-1')).toBe(1)
  await vi.advanceTimersByTimeAsync(1)

  expect(await read('d-1')).toBe(3)
  expect(asked).toEqual(['d-1', 'd-2', 'd-1'])
})

test('a reading that fails is not kept', async () => {
  const readings = [Promise.reject(new Error('Redis is away')), Promise.resolve('all is well')].values()
  const read = shareReadings(() => readings.next().value!, { keyOf: () => 'd-1', keptMs })

  await expect(read(undefined)).rejects.toThrow('Redis is away')

  expect(await read(undefined)).toBe('all is well')
})
