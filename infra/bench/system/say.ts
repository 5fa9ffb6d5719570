/** Tells people how a benchmark goes, on stderr. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Prints rows under their names, columns in line. */
export function printTable(rows: readonly Record<string, string | number>[]): void {
  const names = Object.keys(rows[0] ?? {})
  const lines = [names, ...rows.map((row) => names.map((name) => String(row[name] ?? '')))]
  const widths = names.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  for (const line of lines)
    process.stdout.write(`${line.map((cell, column) => cell.padStart(widths[column]!)).join('  ')}\n`)
}

/** Prints the benchmark's result as one line of JSON, its last. */
export function printResult(result: object): void {
  process.stdout.write(`${JSON.stringify(result)}\n`)
}
