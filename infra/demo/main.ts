import { readOptions, usage, UsageError, type DemoOptions } from './demo-options.ts'
import { runDemo } from './run-demo.ts'

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  let options: DemoOptions | 'help'
  try {
    options = readOptions(args)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(`demo: ${error.message}\n${usage}`)
    return 2
  }
  if (options === 'help') {
    console.log(usage)
    return 0
  }
  return runDemo(options)
}
