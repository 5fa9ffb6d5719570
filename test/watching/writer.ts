import { setTimeout } from 'node:timers/promises'
import { createSystemClock } from '@vesemir/process/clock'
import { createRecords, type Records } from '@vesemir/store/record'
import { testSeals } from '@vesemir/store/seal/testing'
import { aPlan, aSpec } from '@vesemir/contract/testing'
import type { DeploymentClaim, HostClaim } from '@vesemir/core'
import { Redis } from 'ioredis'
import { receiveFromOwner, readTask, report } from './child.ts'
import type { Load } from './loads.ts'

// Stands for the workers: it gives lines to the record as they give the output of a host's commands, each with the moment at
// which it is given. The deployments are those of one host each.

export interface WriterTask {
  redisUrl: string
  load: Load
}

/** The first message: which deployments there are to watch. */
export interface Begun {
  ids: string[]
}

/** The last message: what each viewer of a deployment must have got. */
export interface Written {
  lines: number
  /** Of each deployment: they have as many events as it took batches. */
  lastSeqs: number[]
}

interface Telling {
  id: string
  deployment: DeploymentClaim
  host: HostClaim
}

const tickMs = 10

const { redisUrl, load } = readTask<WriterTask>()
const redis = new Redis(redisUrl)
await using records = createRecords(redis, { clock: createSystemClock(), seals: testSeals().both })
const tellings: Telling[] = []
for (let number = 0; number < load.deployments; number += 1) tellings.push(await begin(records, number))
report({ ids: tellings.map(({ id }) => id) } satisfies Begun)
await receiveFromOwner()
const lines = await tellAll(tellings, load)
await Promise.all(tellings.map(end))
const views = await Promise.all(tellings.map(({ id }) => records.deployments.readView(id)))
report({ lines, lastSeqs: views.map((view) => view!.cursor) } satisfies Written)
redis.disconnect()
process.disconnect()

async function begin(to: Records, number: number): Promise<Telling> {
  const spec = aSpec({ application: `watched-${number}` })
  const { id } = await to.deployments.create({ spec, requestedBy: 'load' })
  const deployment = await to.claims.claimDeployment(id, 'writer')
  await deployment.append({ type: 'deployment.planned', plan: aPlan(['web1']) })
  return { id, deployment, host: await to.claims.claimHost(id, 'web1', 'writer') }
}

/** Gives how many lines each deployment has got: as many as are due at each tick, however late it comes. */
async function tellAll(all: readonly Telling[], { linesPerSecond, seconds }: Load): Promise<number> {
  const startedMs = performance.now()
  const wanted = linesPerSecond * seconds
  const told = all.map(() => 0)
  while (told.some((count) => count < wanted)) {
    const dueLines = ((performance.now() - startedMs) / 1000) * linesPerSecond
    for (const [index, { host }] of all.entries()) {
      // Deployments do not speak all at the same moment.
      const due = Math.min(wanted, Math.floor(dueLines + index / all.length))
      for (; told[index]! < due; told[index]! += 1)
        void host.log('deploy', { stream: 'stdout', text: aLine(told[index]!) })
    }
    await setTimeout(tickMs)
  }
  return wanted
}

/** A line as long as those of a build, which begins with the moment. */
function aLine(number: number): string {
  return `${Date.now()} ${number} ${'installing the dependencies of the application '.repeat(2)}`
}

async function end({ deployment, host }: Telling): Promise<void> {
  await host.flush()
  await host[Symbol.asyncDispose]()
  await deployment.end({ type: 'deployment.ended', outcome: 'succeeded' })
}
