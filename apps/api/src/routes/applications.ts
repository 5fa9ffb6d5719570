import { VesemirError, type Applications } from '@vesemir/core'
import type { FastifyInstance } from 'fastify'
import { registerRoute } from '../register-route.ts'

/** Adds the routes of the registered applications. */
export function registerApplications(app: FastifyInstance, { applications }: { applications: Applications }): void {
  registerRoute(app, 'listApplications', {
    role: 'viewer',
    handle: async () => ({ applications: await applications.list() }),
  })
  registerRoute(app, 'getApplication', {
    role: 'viewer',
    async handle({ params: { name } }) {
      const application = await applications.read(name)
      if (application) return application
      throw new VesemirError('APPLICATION_UNKNOWN', `there is no application ${name} registered`)
    },
  })
  registerRoute(app, 'putApplication', {
    role: 'admin',
    async handle({ params: { name }, body }) {
      if (body.name !== name) throw otherName(name, body.name)
      await applications.put(body)
      return body
    },
  })
}

function otherName(inPath: string, inBody: string): VesemirError {
  const message = `${JSON.stringify(inBody)} is not the name in the address, ${JSON.stringify(inPath)}`
  return new VesemirError('REQUEST_INVALID', `name: ${message}`, { details: { errors: [{ field: 'name', message }] } })
}
