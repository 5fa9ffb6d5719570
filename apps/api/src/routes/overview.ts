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

/** So many of the caller's failed deployments are looked at. */
const mostFailed = 50

/** Adds the overview of everything that the caller may see. */
export function registerOverview(app: FastifyInstance, ports: OverviewPorts): void {
  const { knownApplications, applicationLocks, deploymentIndex, rules, clock } = ports
  registerRoute(app, 'getOverview', {
    access: 'signed-in',
    isOfRecord: () => true,
    rereadMs: calmRereadMs,
    async handle({ request: { caller } }) {
      const [applications, locks, ongoing, { deployments: failed }] = await Promise.all([
        knownApplications.list(),
        applicationLocks.list(),
        deploymentIndex.listOngoing(),
        deploymentIndex.list({ by: caller.name, status: 'failed', limit: mostFailed }, caller.grants),
      ])
      const rows = { ongoing: ongoing.map(asRow), failed: failed.map(asRow) }
      return overviewFor(caller, { applications, locks, ...rows }, { rules, nowMs: clock.now() })
    },
  })
}
