import { setTimeout } from 'node:timers/promises'
import { ApiError, type Client } from '@vesemir/contract'
import { endDeployment } from '../end-deployment.ts'
import type { Random } from '../random.ts'
import { startDeployment } from '../start-deployment.ts'
import type { Course, Trial } from '../trial.ts'

type Command = Parameters<Client['commandDeployment']>[1]

/** What a person commands, and how long after their command before. */
interface Deed {
  command: Command
  afterMs: number
}

const commands: Command[] = [
  { command: 'pause' },
  { command: 'resume' },
  { command: 'cancel' },
  { command: 'cancel', now: true },
  { command: 'retry' },
  { command: 'rollback' },
]

export function planTwoPeople({ random, hosts }: { random: Random; hosts: number }): Course {
  const deeds = () => {
    return Array.from({ length: random.between(2, 4) }, () => {
      return { command: random.pick(commands), afterMs: random.between(50, 1_500) }
    })
  }
  return twoPeople([deeds(), deeds()], { hosts })
}

/** Two people command one deployment at once, each without regard to the other. In the end one of them sees it through. */
export function twoPeople(deeds: readonly [Deed[], Deed[]], { hosts }: { hosts: number }): Course {
  const minHealthy = Math.floor((hosts * 2) / 3)
  return {
    what: deeds.map(describeDeeds).join('; '),
    costsRequests: false,
    minHealthy,
    run: async (trial) => {
      const { system, version } = trial
      const wanted = { version: `${version}.0`, concurrency: hosts - minHealthy, minHealthy }
      const id = await startDeployment(system, wanted)
      trial.deployments.push(id)
      const people = [system.client, system.colleague] as const
      await Promise.all(people.map((client, index) => act(trial, { id, client, deeds: deeds[index]! })))
      await seeThrough(trial, id)
    },
  }
}

async function act(
  { findings }: Trial,
  { id, client, deeds }: { id: string; client: Client; deeds: readonly Deed[] },
): Promise<void> {
  for (const { command, afterMs } of deeds) {
    await setTimeout(afterMs)
    try {
      await client.commandDeployment(id, command)
    } catch (error) {
      // What the other one has done makes many of them impossible.
      if (!(error instanceof ApiError && error.problem.status === 409))
        findings.unexpected.push(`${command.command} was answered with ${String(error)}`)
    }
  }
}

/** Whatever it has come to, a retry brings the version to all hosts, unless it was rolled back. */
async function seeThrough(trial: Trial, id: string): Promise<void> {
  const { deployment, cursor } = await endDeployment(trial, id)
  if (['succeeded', 'rolled-back'].includes(deployment.state.status)) return
  await trial.system.client.commandDeployment(id, { command: 'retry' })
  const { state } = (await endDeployment(trial, id, { after: cursor })).deployment
  if (state.status !== 'succeeded') trial.findings.unexpected.push(`${id} has ${state.status} after a last retry`)
}

function describeDeeds(deeds: readonly Deed[]): string {
  return deeds
    .map(
      ({ command, afterMs }) =>
        `${command.command}${'now' in command && command.now ? ' now' : ''} after ${afterMs} ms`,
    )
    .join(', ')
}
