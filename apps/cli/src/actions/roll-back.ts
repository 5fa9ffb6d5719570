import { chooseRollback, hostsToRollBack, VesemirError } from '@vesemir/core'
import { count } from '@vesemir/words'
import type { Session } from '../session.ts'
import { deploy } from './deploy.ts'
import { steerDeployment, type SteerOptions } from './steer.ts'

export interface RollBackOptions extends SteerOptions {
  environment?: string
  /** The version to go back to; the last good one unless given. */
  to?: string
}

/** As many deployments as the API lists at once. */
const limit = 200

/** Takes a deployment back by its id; or an application, in an environment, to its last good version or a given one. */
export async function rollBack(
  idOrApplication: string,
  { environment, to, ...options }: RollBackOptions,
  session: Session,
): Promise<number> {
  if (environment !== undefined) return rollBackApplication(idOrApplication, { environment, to, options, session })
  if (to === undefined) return steerDeployment(idOrApplication, 'rollback', { ...options, session })
  throw new VesemirError(
    'REQUEST_INVALID',
    `--to ${to} needs the name of an application, and its environment: -e production`,
  )
}

async function rollBackApplication(
  application: string,
  {
    environment,
    to,
    options,
    session,
  }: { environment: string; to: string | undefined; options: SteerOptions; session: Session },
): Promise<number> {
  const { client, notify, json } = session
  const { deployments } = await client.listDeployments({ application, environment, limit })
  const choice = chooseRollback(deployments, to)
  const { id } = choice.current
  const view = await client.getDeployment(id)
  const hosts = choice.by === 'rollback' ? hostsToRollBack(view) : view.hosts
  const change = `${application} in ${environment} goes back from ${choice.from} to ${choice.to} on ${count(hosts.length, 'host')}`
  const ofItsOwn = `a deployment of its own${choice.current.spec.tasks?.length ? ' that runs only tasks with when: onRollback' : ''}`
  if (!json) notify([`${change}: ${choice.by === 'rollback' ? `${id} is rolled back` : ofItsOwn}`])
  if (choice.by === 'rollback') return steerDeployment(id, 'rollback', { ...options, session })
  const { reason = `back from ${choice.from} to ${choice.to}`, detach, junit, summary } = options
  return deploy(
    application,
    {
      environment,
      version: choice.to,
      reason,
      goesBack: true,
      ...(detach === undefined ? {} : { detach }),
      ...(junit === undefined ? {} : { junit }),
      ...(summary === undefined ? {} : { summary }),
    },
    session,
  )
}
