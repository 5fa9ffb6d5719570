import type { DeploymentPage } from '@vesemir/contract'
import {
  findFailureCauses,
  findGrant,
  refuseDeployment,
  resolveSpec,
  VesemirError,
  visibleApplication,
  type Applications,
  type Clock,
  type DeploymentIndex,
  type Statistics,
} from '@vesemir/core'
import type { Archive } from '@vesemir/store/archive'
import type { FastifyInstance } from 'fastify'
import type { CurrentRules } from '../access-settings.ts'
import type { CallerSlots } from '../caller-slots.ts'
import { clientGone } from '../client-gone.ts'
import { askForDeployment, askForRequest } from '../access.ts'
import { refuseProtected } from '../refuse-protected.ts'
import { registerRoute } from '../register-route.ts'
import { asRow } from './as-row.ts'
import { startDeployment, type StartPorts } from '../start-deployment.ts'

interface DeploymentPorts extends StartPorts {
  applications: Applications
  deploymentIndex: DeploymentIndex
  archive?: Archive | undefined
  statistics: Statistics
  clusters: readonly string[]
  rules: CurrentRules
  slots: CallerSlots
  clock: Pick<Clock, 'now'>
}

/** Adds the routes that start deployments and read them. */
export function registerDeployments(app: FastifyInstance, ports: DeploymentPorts): void {
  const { applications, deploymentIndex, archive, deployments, statistics, clusters, rules, slots, clock } = ports
  registerRoute(app, 'createDeployment', {
    access: ({ body }) => askForRequest(applications, { action: 'deploy', request: body }),
    async handle({ body, ...checked }) {
      const { caller } = checked.request
      const definition = await applications.read(body.application)
      const application = definition && visibleApplication(definition, caller.grants)
      const spec = resolveSpec(body, { application, clusters })
      const { protections } = rules
      await refuseProtected(body, { application, spec, protections, deploymentIndex })
      refuseDeployment({ spec, requestedBy: caller.name }, rules, clock.now())
      return startDeployment({ spec, wait: body.wait }, { ...checked, body }, ports)
    },
  })
  registerRoute(app, 'listDeployments', {
    access: 'signed-in',
    isOfRecord: () => true,
    async handle({ query, request: { caller } }) {
      return asRows(await deploymentIndex.list(query, caller.grants))
    },
  })
  registerRoute(app, 'listArchive', {
    access: 'signed-in',
    async handle({ query, request: { caller }, reply }) {
      if (!archive) throw new VesemirError('ARCHIVE_MISSING', "the API's settings name no archive")
      // A page may open a thousand files.
      using _slot = await slots.take(caller.name, clientGone(reply))
      const anyCluster = caller.grants.map(({ clusters: _clusters, ...grant }) => grant)
      const page = await archive.list(query, {
        mayOpen: (named) => findGrant(anyCluster, 'read', named) !== undefined,
        isVisible: ({ spec }) => findGrant(caller.grants, 'read', spec) !== undefined,
      })
      return asRows(page)
    },
  })
  registerRoute(app, 'getStatistics', {
    access: 'signed-in',
    handle: ({ query, request: { caller } }) => statistics.read(query, caller.grants),
  })
  registerRoute(app, 'getDeployment', {
    access: ({ params: { id } }, caller) => askForDeployment(deployments, { action: 'read', id, caller }),
    async handle({ params: { id }, reply }) {
      const json = await deployments.readViewJson(id)
      if (json) return reply.type('application/json; charset=utf-8').send(json)
      throw await deployments.explainMissing(id)
    },
  })
  registerRoute(app, 'listFailures', {
    access: ({ params: { id } }, caller) => askForDeployment(deployments, { action: 'read', id, caller }),
    async handle({ params: { id } }) {
      const view = await deployments.readView(id)
      if (view) return { causes: findFailureCauses(view.hosts) }
      throw await deployments.explainMissing(id)
    },
  })
}

function asRows<Page extends DeploymentPage>(page: Page): Page {
  return { ...page, deployments: page.deployments.map(asRow) }
}
