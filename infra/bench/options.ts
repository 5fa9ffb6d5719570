import { parseArgs } from 'node:util'
import { toolNames, vesemirs, type ToolName } from './tools.ts'

/** What is measured, and what is done with it. */
export interface BenchOptions {
  cases: BenchCase[]
  /** Of each tool in each case, one after the other: the rounds are what is paired. */
  rounds: number
  /** Whether the last line is JSON, of the only case. */
  json: boolean
  /** Whether docs/performance.md gets the figures. */
  write: boolean
}

export interface BenchCase {
  hosts: number
  concurrency: number
  tools: readonly ToolName[]
}

const quick: readonly ToolName[] = [...vesemirs, 'floor', 'fabric']

/** Reads the command line. Without `--hosts` and `--concurrency` it is the whole comparison, half an hour or more. */
export function readOptions(args: string[]): BenchOptions {
  const { values } = parseArgs({
    args,
    options: {
      hosts: { type: 'string' },
      concurrency: { type: 'string' },
      tools: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  })
  const { json, write } = values
  const rounds = wholeNumber('--rounds', values.rounds)
  if (values.hosts === undefined && values.concurrency === undefined)
    return { cases: comparison, rounds, json: false, write }
  const hosts = wholeNumber('--hosts', values.hosts ?? '20', 250)
  const concurrency = wholeNumber('--concurrency', values.concurrency ?? '5', 250)
  const tools = values.tools?.split(',').map(toolName) ?? [...quick, 'ansible']
  return { cases: [{ hosts, concurrency, tools }], rounds, json, write }
}

// Ansible takes minutes where the others take seconds, and its time grows by hosts: it is run at twenty.
const comparison: BenchCase[] = [
  { hosts: 20, concurrency: 1, tools: quick },
  { hosts: 20, concurrency: 5, tools: [...quick, 'ansible', 'mitogen'] },
  { hosts: 20, concurrency: 20, tools: [...quick, 'ansible'] },
  { hosts: 50, concurrency: 5, tools: quick },
  { hosts: 100, concurrency: 20, tools: quick },
  { hosts: 200, concurrency: 20, tools: quick },
]

function wholeNumber(option: string, text: string, most = 100): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= 1 && number <= most) return number
  throw new Error(`${option} must be a whole number from 1 to ${most}, not ${text}`)
}

function toolName(text: string): ToolName {
  const name = toolNames.find((known) => known === text)
  if (name) return name
  throw new Error(`--tools must be of ${toolNames.join(', ')}, not ${text}`)
}
