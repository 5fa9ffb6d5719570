import {
  overviewFor,
  type ApplicationLocks,
  type Clock,
  type DeploymentIndex,
  type KnownApplications,
} from '@vesemir/core'
import type { FastifyInstance } from 'fastify'
import type { CurrentRules } from '../access-settings.ts'
import { calmRereadMs } from '../answer-when-changed.ts'
import { registerRoute } from '../register-route.ts'
import { asRow } from './as-row.ts'

/** What is known of the environments of applications. */
export interface PlacePorts {
  knownApplications: KnownApplications
  applicationLocks: Pick<ApplicationLocks, 'list'>
  deploymentIndex: Pick<DeploymentIndex, 'list' | 'listOngoing'>
}

interface OverviewPorts extends PlacePorts {
  rules: CurrentRules
  clock: Pick<Clock, 'now'>
}

/** So many failed deployments are looked at: of the caller, and of all. */
const mostFailed = 50

/** Adds the overview of everything that the caller may see. */
export function registerOverview(app: FastifyInstance, ports: OverviewPorts): void {
  const { knownApplications, applicationLocks, deploymentIndex, rules, clock } = ports
  registerRoute(app, 'getOverview', {
    access: 'signed-in',
    isOfRecord: () => true,
    rereadMs: calmRereadMs,
    async handle({ request: { caller } }) {
      const listFailed = (filter: { by?: string }) =>
        deploymentIndex.list({ ...filter, status: 'failed', limit: mostFailed }, caller.grants)
      const [applications, locks, ongoing, own, all] = await Promise.all([
        knownApplications.list(),
        applicationLocks.list(),
        deploymentIndex.listOngoing(),
        listFailed({ by: caller.name }),
        listFailed({}),
      ])
      const rows = {
        ongoing: ongoing.map(asRow),
        ownFailed: own.deployments.map(asRow),
        failed: all.deployments.map(asRow),
      }
      return overviewFor(caller, { applications, locks, ...rows }, { rules, nowMs: clock.now() })
    },
  })
}
