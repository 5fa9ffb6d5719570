import { once } from 'node:events'
import { startLoad } from '../load/start-load.ts'
import type { DemoOptions } from './demo-options.ts'
import { inviteToTry } from './invite-to-try.ts'
import { perform, requestsPerSecond } from './perform.ts'
import { emptyReport, isGood, type Report } from './report.ts'
import { setUp, type Demo } from './set-up.ts'
import { createStage, type Stage } from './stage.ts'
import { count, tellReport } from './tell-report.ts'

/** What a shell calls a program that Ctrl-C has ended. */
const interrupted = 130

/** Runs the demo, and gives its exit code. Whatever happens, what was started is taken down. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const stdout = options.json ? 2 : 1
  const stage = createStage(options.json ? process.stderr : process.stdout)
  const signal = untilSignalled()
  let report: Report = emptyReport
  let exit = 1
  const closing = new AsyncDisposableStack()
  try {
    stage.say(`${stage.paint('bold', 'Vesemir')}: two deployments under load, on real parts\n`)
    const demo = await setUp(options, { stage, closing, signal })
    const performed = await perform(demo, { stage, stdout, signal })
    report = performed.report
    exit = isGood(report) ? 0 : 1
    tellReport(report, { stage, load: performed.load })
    if (!options.once) await stayUp(demo, { stage, signal })
  } catch (error) {
    if (!signal.aborted) stage.say(`${stage.paint('red', 'failed:')} ${(error as Error).message}`)
    exit = signal.aborted ? interrupted : 1
  }
  stage.say()
  await stage.step(
    'taken down',
    () => closing.disposeAsync(),
    () => 'nothing is left behind',
  )
  if (options.json) console.log(JSON.stringify(report))
  return exit
}

/** The first Ctrl-C asks for an orderly end; a second one is not waited for. */
function untilSignalled(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort())
  return controller.signal
}

async function stayUp(demo: Demo, { stage, signal }: { stage: Stage; signal: AbortSignal }): Promise<void> {
  const load = startLoad({ urls: demo.fleet.frontends, requestsPerSecond })
  await inviteToTry(demo, stage)
  if (!signal.aborted) await once(signal, 'abort')
  const { total, failed } = await load.stop()
  stage.say(`\n${count(total)} more requests: ${failed === 0 ? 'none' : count(failed)} failed`)
}
