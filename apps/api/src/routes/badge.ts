import type { Session } from '@vesemir/contract'
import { findGrant, placesOf, unknownApplication } from '@vesemir/core'
import { describeBadge, type Badge } from '@vesemir/words'
import type { FastifyInstance } from 'fastify'
import { drawBadge } from '../draw-badge.ts'
import { registerRoute } from '../register-route.ts'
import type { PlacePorts } from './overview.ts'

/** A browser shows a badge for so long without asking again; then it asks with the entity tag. */
const freshSeconds = 30

/** Adds the badge of an application's environment, for those who may read what it shows. */
export function registerBadge(app: FastifyInstance, ports: PlacePorts): void {
  registerRoute(app, 'getBadge', {
    access: 'signed-in',
    async handle({ params: { name, environment }, request: { caller }, reply }) {
      const badge = await readBadge({ application: name, environment }, { ...ports, caller })
      return reply
        .type('image/svg+xml; charset=utf-8')
        .headers({
          'cache-control': `private, max-age=${freshSeconds}`,
          // The next one to sign in with this browser may see less.
          vary: 'authorization, cookie',
          // A wiki of the same site may show it to who has signed in here; a page of another site never gets the cookie.
          'cross-origin-resource-policy': 'same-site',
        })
        .send(drawBadge(badge))
    },
  })
}

async function readBadge(
  { application, environment }: { application: string; environment: string },
  { knownApplications, applicationLocks, deploymentIndex, caller }: PlacePorts & { caller: Session },
): Promise<Badge> {
  const [applications, locks, all, { deployments }] = await Promise.all([
    knownApplications.list(),
    applicationLocks.list(),
    deploymentIndex.listOngoing(),
    deploymentIndex.list({ application, environment, limit: 1 }, caller.grants),
  ])
  const ongoing = all.filter(
    ({ spec }) =>
      spec.application === application && spec.environment === environment && findGrant(caller.grants, 'read', spec),
  )
  const known = applications.find(({ definition }) => definition.name === application)
  const places = known ? placesOf(known, { caller, locks, ongoing, failed: [] }) : []
  const place = places.find((each) => each.environment === environment)
  if (!place) throw unknownApplication(application, environment)
  // Deployments take turns: the oldest that has not ended is the one in progress.
  return describeBadge(place, ongoing.at(-1) ?? deployments[0])
}
