import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import type { Run } from './measure.ts'
import { drawWalls } from './draw-walls.ts'
import { summarise } from './summarise.ts'
import { tableOf } from './table.ts'

const begin = '<!-- bench: written by `npm run bench -- --write` -->'
const end = '<!-- bench: end -->'

/** Puts the figures of a whole comparison, and a plot of them, into docs/performance.md in place of those that stand there. */
export async function writeReport(root: string, runs: readonly Run[]): Promise<void> {
  const file = join(root, 'docs/performance.md')
  const text = await readFile(file, 'utf8')
  const [before, rest] = text.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`${file} has no place for the figures: ${begin}`)
  const rounds = Math.max(...summarise(runs).map((summary) => summary.rounds))
  const made = `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, medians of ${rounds} rounds.`
  const figures = `${made}\n\n![Seconds of each tool, by size, on a logarithmic scale](performance/walls.svg)\n\n${tableOf(runs)}`
  await mkdir(join(root, 'docs/performance'), { recursive: true })
  await writeFile(join(root, 'docs/performance/walls.svg'), drawWalls(summarise(runs)))
  await writeFile(file, `${before}${begin}\n\n${figures}\n\n${end}${after}`)
}
