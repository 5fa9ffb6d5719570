import { once } from 'node:events'
import { untilSignalled } from '@vesemir/process/lifecycle'
import { startLoad } from '../load/start-load.ts'
import { removeFolder, takeFolder } from './demo-folder.ts'
import type { DemoOptions } from './demo-options.ts'
import { inviteToTry } from './invite-to-try.ts'
import { perform, requestsPerSecond } from './perform.ts'
import { emptyReport, isGood, type Report } from './report.ts'
import { setUp, type Demo } from './set-up.ts'
import { createStage, type Stage } from './stage.ts'
import { count, printReport } from './print-report.ts'

/** What a shell calls a program that Ctrl-C has ended. */
const interrupted = 130

/** Runs the demo, and gives its exit code. Whatever happens, what was started is taken down. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const stage = createStage(options.json ? process.stderr : process.stdout)
  const { report, exit } = await playIn(options.dir, stage, (closing) => play(options, { stage, closing }))
  if (options.json) console.log(JSON.stringify(report))
  return exit
}

interface Outcome {
  report: Report
  exit: number
}

/** Plays in a folder of its own, and takes everything down afterwards. */
async function playIn(
  dir: string,
  stage: Stage,
  play: (closing: AsyncDisposableStack) => Promise<Outcome>,
): Promise<Outcome> {
  const { say, paint } = stage
  try {
    const left = await takeFolder(dir)
    if (left > 0) say(paint('dim', `took down what an earlier demo had left: ${left} processes`))
  } catch (error) {
    say(`${paint('red', 'demo:')} ${(error as Error).message}`)
    return { report: emptyReport, exit: 1 }
  }
  const closing = new AsyncDisposableStack()
  closing.defer(() => removeFolder(dir))
  const outcome = await play(closing)
  say()
  await stage.step(
    'taken down',
    () => closing.disposeAsync(),
    () => 'nothing is left behind',
  )
  return outcome
}

async function play(
  options: DemoOptions,
  { stage, closing }: { stage: Stage; closing: AsyncDisposableStack },
): Promise<Outcome> {
  const interruption = new AbortController()
  void untilSignalled().then(() => interruption.abort())
  const { signal } = interruption
  let outcome: Outcome = { report: emptyReport, exit: 1 }
  try {
    stage.say(
      `${stage.paint('bold', 'Vesemir')}: two deployments under load, on real parts: Ada asks for them, Bob approves\n`,
    )
    const demo = await setUp(options, { stage, closing, signal })
    const { report, load } = await perform(demo, { stage, stdout: options.json ? 2 : 1, signal })
    outcome = { report, exit: isGood(report) ? 0 : 1 }
    printReport(report, { stage, load })
    if (!options.once) await stayUp(demo, { stage, signal })
  } catch (error) {
    if (signal.aborted) return { ...outcome, exit: interrupted }
    stage.say(`${stage.paint('red', 'failed:')} ${(error as Error).message}`)
    return { ...outcome, exit: 1 }
  }
  return outcome
}

async function stayUp(demo: Demo, { stage, signal }: { stage: Stage; signal: AbortSignal }): Promise<void> {
  const load = startLoad({ urls: demo.fleet.frontends, requestsPerSecond })
  await inviteToTry(demo, stage)
  if (!signal.aborted) await once(signal, 'abort')
  const { total, failed } = await load.stop()
  stage.say(`\n${count(total)} more requests: ${failed === 0 ? 'none' : count(failed)} failed`)
}
