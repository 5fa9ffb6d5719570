import type { LoadSummary } from '../load/summarise.ts'
import type { Report } from './report.ts'
import type { Stage } from './stage.ts'

/** Says how the hosts are now, and what became of the requests. */
export function printReport({ hosts }: Report, { stage, load }: { stage: Stage; load: LoadSummary }): void {
  const { say, paint } = stage
  say(paint('dim', `\n  ${'host'.padEnd(8)}${'version'.padEnd(12)}${'state'.padEnd(8)}weight`))
  for (const { name, version, state, weight } of hosts)
    say(`  ${name.padEnd(8)}${version.padEnd(12)}${state.padEnd(8)}${String(weight).padStart(6)}`)
  const total = count(load.total)
  if (load.failed === 0)
    say(`\n${paint(['green', 'bold'], `${total} requests went through both boxes meanwhile: none failed.`)}`)
  else
    say(`\n${paint(['red', 'bold'], `${count(load.failed)} of ${total} requests failed: ${inWords(load.failures)}`)}`)
  say(
    paint(
      'dim',
      `answered by ${inWords(load.versions)}; half of them within ${load.p50Ms} ms, 99% within ${load.p99Ms} ms`,
    ),
  )
}

/** Writes a number with commas. */
export function count(number: number): string {
  return number.toLocaleString('en')
}

function inWords(counts: Record<string, number>): string {
  return Object.entries(counts)
    .map(([name, number]) => `${name}: ${count(number)}`)
    .join(', ')
}
