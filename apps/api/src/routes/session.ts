import type { FastifyInstance } from 'fastify'
import type { Auth } from '../auth.ts'
import { registerRoute } from '../register-route.ts'

/** Adds signing in, which is open to all. */
export function registerSignIn(app: FastifyInstance, { auth }: { auth: Auth }): void {
  registerRoute(app, 'createSession', {
    role: undefined,
    handle: async ({ body, request, reply }) => auth.signIn(request, reply, body.token),
  })
}

/** Adds what is there for those who have signed in: who they are, and signing out. */
export function registerSession(app: FastifyInstance, { auth }: { auth: Auth }): void {
  registerRoute(app, 'getSession', { role: 'viewer', handle: async ({ request }) => request.caller })
  registerRoute(app, 'deleteSession', {
    role: 'viewer',
    async handle({ reply }) {
      auth.signOut(reply)
      return undefined
    },
  })
}
