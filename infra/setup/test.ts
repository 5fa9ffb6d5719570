import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

// What `npm test` runs once the machine is set up: the stages in order, up to the first that fails. `npm test -- e2e faults` runs
// those alone.

const root = join(import.meta.dirname, '../..')
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }

// The scripts are run by sh rather than by npm: node_modules/.bin is on PATH already, and a signal reaches them.
const stages = [
  { name: 'check', script: scripts['check'] },
  { name: 'unit', script: scripts['test:unit'] },
  { name: 'integration', script: scripts['test:integration'] },
  { name: 'security', script: scripts['test:security'] },
  { name: 'e2e', script: scripts['test:e2e'] },
  { name: 'faults', script: scripts['test:faults:short'] },
  { name: 'operate', script: scripts['test:operate'] },
  { name: 'watching', script: scripts['test:watching:short'] },
  { name: 'browser', script: scripts['test:browser'] },
]

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !stages.some((stage) => stage.name === name))
if (unknown.length > 0) {
  console.error(`there is no stage ${unknown.join(', ')}: name some of ${stages.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}

const passed: string[] = []
for (const { name, script } of stages.filter((stage) => wanted.length === 0 || wanted.includes(stage.name))) {
  if (!script) throw new Error(`package.json has no script for the stage ${name}`)
  const startedMs = performance.now()
  console.error(`\n== ${name}`)
  const exitCode = await runStage(script)
  const took = `${name} ${((performance.now() - startedMs) / 1000).toFixed(1)} s`
  if (exitCode !== 0) {
    console.error(
      `\n== failed: ${took}, exit code ${exitCode}${passed.length > 0 ? `; passed before: ${passed.join(', ')}` : ''}`,
    )
    process.exit(exitCode)
  }
  passed.push(took)
}
console.error(`== passed: ${passed.join(', ')}`)

async function runStage(script: string): Promise<number> {
  const child = spawn('sh', ['-c', script], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], detached: true })
  // A group of its own, and signals to the whole group: sh alone would end and leave what it runs behind.
  const forward = (signal: NodeJS.Signals) => void (child.pid && process.kill(-child.pid, signal))
  process.on('SIGINT', forward).on('SIGTERM', forward)
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  process.off('SIGINT', forward).off('SIGTERM', forward)
  if (signal) console.error(`ended by ${signal}`)
  return code ?? 1
}
