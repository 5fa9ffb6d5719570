import { VesemirError } from './errors.ts'
import { endOfStep, startStep } from './host-facts.ts'
import { keepOut, noteReturn } from './keep-out.ts'
import { runHook } from './run-hook.ts'
import { countStepTime } from './step-time.ts'
import type { Step } from './steps/step.ts'
import type { ConnectedWalk, Walk } from './walk.ts'

/** How often a host may come back into rotation by itself before the walk gives up: a reload or two, not a fight. */
const mostReturns = 5

/**
 * Walks a host through these steps, from one of them on. A host that has come back into rotation where it must be out of it
 * is walked through all of them.
 * @throws {VesemirError} `LOAD_BALANCER_RELOADED`, `CANCELLED`, and what the steps throw
 */
export async function walkSteps(
  walk: ConnectedWalk,
  { all, from }: { all: readonly Step[]; from: Step },
): Promise<void> {
  let returns = 0
  for (let next = all.indexOf(from); next < all.length;) {
    const step = all[next]!
    if (startsOut(step) && (await isBackInRotation(walk))) {
      returns += 1
      if (returns > mostReturns)
        throw new VesemirError('LOAD_BALANCER_RELOADED', `${walk.target.name} came back into rotation ${returns} times`)
      next = 0
    } else {
      await beginStep(walk, step)
      await runStep(walk, step)
      next += 1
    }
  }
}

function startsOut({ rotation }: Step): boolean {
  return rotation === 'out' || rotation === 'returning'
}

/** A reload of a load balancer may forget drains, and people act too: the boxes are asked, not the record. */
async function isBackInRotation(walk: Walk): Promise<boolean> {
  const { balancer, progress, servers, signal, waits } = walk
  waits.throwIfAborted()
  const wasBack = progress.hasReturned
  progress.hasReturned = false
  const isBack = await noteReturn(walk, await balancer.read(servers, signal))
  return isBack || wasBack
}

async function beginStep(walk: ConnectedWalk, step: Step): Promise<void> {
  const { claim, ports, progress, mark } = walk
  await step.prepare?.(walk)
  progress.step = step.name
  mark.note(step.name)
  progress.stepMs = countStepTime(claim.host, step.name, ports.clock)
  await startStep(claim, step.name)
}

/** Runs the step in progress, with its hooks around it, and says how it went. */
export async function runStep(walk: ConnectedWalk, step: Step): Promise<void> {
  const { claim } = walk
  try {
    const note = await doStep(walk, step)
    claim.defer(endOfStep(walk, { note }))
  } finally {
    await claim.flush()
  }
}

async function doStep(walk: ConnectedWalk, step: Step): Promise<string | undefined> {
  await using _watch = step.rotation === 'out' ? keepOut(walk) : undefined
  await runHook(walk, step.hooks?.before)
  const note = await step.run(walk)
  await runHook(walk, step.hooks?.after)
  return note
}
