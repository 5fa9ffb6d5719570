import type { ApplicationDefinition, Session } from '@vesemir/contract'
import {
  definedSubjects,
  describeChanges,
  describeFreezes,
  isVesemirError,
  subjectOf,
  refuseUnprotected,
  visibleApplication,
  unknownApplication,
  VesemirError,
  type Applications,
  type Clock,
  type Subject,
} from '@vesemir/core'
import type { FastifyInstance } from 'fastify'
import type { CurrentRules } from '../access-settings.ts'
import { noteForAudit } from '../audit.ts'
import { registerRoute } from '../register-route.ts'

interface ApplicationPorts {
  applications: Applications
  rules: CurrentRules
  clock: Pick<Clock, 'now'>
}

/** Adds the routes of the registered applications. */
export function registerApplications(app: FastifyInstance, { applications, rules, clock }: ApplicationPorts): void {
  const readVisible = async (name: string, { grants }: Session) => {
    const application = await applications.read(name)
    const visible = application && visibleApplication(application, grants)
    if (visible) return visible
    throw unknownApplication(name)
  }
  registerRoute(app, 'listApplications', {
    access: 'signed-in',
    isOfRecord: () => true,
    handle: async ({ request: { caller } }) => ({
      applications: (await applications.list()).flatMap(
        (application) => visibleApplication(application, caller.grants) ?? [],
      ),
    }),
  })
  registerRoute(app, 'getApplication', {
    access: 'signed-in',
    isOfRecord: () => true,
    async handle({ params: { name }, request: { caller } }) {
      return readVisible(name, caller)
    },
  })
  registerRoute(app, 'listFreezes', {
    access: 'signed-in',
    async handle({ params: { name }, request: { caller } }) {
      const visible = await readVisible(name, caller)
      const environments = Object.keys(visible.environments ?? {})
      const describe = (environment: string) => {
        const { cluster } = subjectOf({ application: name, environment }, visible)
        return describeFreezes({ environment, cluster }, rules, clock.now())
      }
      return {
        freezes: environments.flatMap((environment) => describe(environment).map((text) => ({ environment, text }))),
      }
    },
  })
  registerRoute(app, 'putApplication', {
    async access({ params: { name }, body }) {
      const before = await readReplaced(applications, name)
      return [...before.subjects, ...definedSubjects({ ...body, name })].map((subject) => ({
        action: 'define',
        subject,
        unseen: () => unknownApplication(name),
      }))
    },
    async handle({ params: { name }, body, request }) {
      if (body.name !== name) throw otherName(name, body.name)
      noteForAudit(request, describeChanges((await readReplaced(applications, name)).definition, body))
      refuseUnprotected(body, rules.protections)
      await applications.put(body, request.identity.principal)
      return body
    },
  })
}

/** Reads what a definition replaces. Nobody knows whose one is that was tampered with: it takes a grant over everything. */
async function readReplaced(
  applications: Pick<Applications, 'read'>,
  name: string,
): Promise<{ definition: ApplicationDefinition | undefined; subjects: Subject[] }> {
  try {
    const definition = await applications.read(name)
    return { definition, subjects: definition ? definedSubjects(definition) : [] }
  } catch (error) {
    if (!isVesemirError(error, 'ORDER_NOT_SIGNED', 'ORDER_FORGED', 'RECORD_INVALID')) throw error
    return { definition: undefined, subjects: [{}] }
  }
}

function otherName(inPath: string, inBody: string): VesemirError {
  const message = `${JSON.stringify(inBody)} differs from the name in the address, ${JSON.stringify(inPath)}`
  return new VesemirError('REQUEST_INVALID', `name: ${message}`, { details: { errors: [{ field: 'name', message }] } })
}
