import { decide, type Applications } from '@vesemir/core'
import type { FastifyInstance } from 'fastify'
import { askInEnvironment } from '../access.ts'
import { noteForAudit } from '../audit.ts'
import type { Auth } from '../auth.ts'
import { registerRoute } from '../register-route.ts'

/** Adds signing in, which is open to all. */
export function registerSignIn(app: FastifyInstance, { auth }: { auth: Auth }): void {
  registerRoute(app, 'createSession', {
    access: 'open',
    async handle({ body, request, reply }) {
      const session = await auth.signIn(request, reply, body.token)
      noteForAudit(request, { who: session.name })
      return session
    },
  })
}

/** Adds what is there for those who have signed in: who they are, what they may do, and signing out. */
export function registerSession(
  app: FastifyInstance,
  { auth, applications }: { auth: Auth; applications: Pick<Applications, 'read'> },
): void {
  registerRoute(app, 'getSession', { access: 'signed-in', handle: async ({ request }) => request.caller })
  registerRoute(app, 'deleteSession', {
    access: 'signed-in',
    handle: async ({ request, reply }) => auth.signOut(request, reply),
  })
  registerRoute(app, 'decideAccess', {
    access: async ({ query }) => [await askInEnvironment(applications, { action: 'read', place: query })],
    async handle({ query, request: { caller } }) {
      const { subject } = await askInEnvironment(applications, { action: query.action, place: query })
      return { ...query, ...decide(caller.grants, query.action, subject) }
    },
  })
}
