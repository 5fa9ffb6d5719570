import { expect, test } from 'vitest'
import { createFileList } from './file-list.ts'
import { readTar } from './read-tar.ts'
import { blockBytes, fileHeader } from './tar-header.ts'

/** A header of another type than a file's, whose sum is right. */
function headerOf(type: string, bytes: number): Buffer {
  const header = fileHeader('told', bytes)
  header.write(type, 156)
  const sum = header.fill(' ', 148, 156).reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

test.each([
  ['x', '512 comment='.padEnd(511, 'a') + '\n'],
  ['g', '512 comment='.padEnd(511, 'a') + '\n'],
  ['L', 'a'.repeat(512)],
  ['K', 'a'.repeat(512)],
])(
  'an archive that tells without end of a first file, by headers %s, is refused before it is kept',
  async (type, text) => {
    let blocks = 0
    async function* endless() {
      for (; blocks < 1_000_000; blocks += 2) yield Buffer.concat([headerOf(type, blockBytes), Buffer.from(text)])
    }

    await expect(readTar(endless(), () => {})).rejects.toThrow('is damaged: it has a name of')
    expect(blocks * blockBytes).toBeLessThan(2 * 1024 * 1024)
  },
)

test('of an archive with more paths than a worker keeps, none is kept', () => {
  const list = createFileList()
  const entry = { isFolder: false, kind: 'file', mode: 0o644, bytes: 0, start: Buffer.alloc(0), link: '' } as const
  const add = (name: string) => list.see({ ...entry, name, blocks: [], globalBlocks: [] })
  add('first')
  const few = list.files().size
  for (let number = 0; number < 100; number += 1) add(`${number}/${'long'.repeat(256 * 1024)}`)

  expect([few, list.files().size]).toEqual([1, 0])
})
