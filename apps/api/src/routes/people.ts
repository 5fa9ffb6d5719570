import { isVesemirError, VesemirError } from '@vesemir/core'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Auth } from '../auth.ts'
import type { People } from '../people/people.ts'
import { registerRoute } from '../register-route.ts'
import { nextOf, sendMessage, sendOn } from './sign-in-page.ts'

interface PeoplePorts {
  people: People | undefined
  auth: Auth
  /** Whether browsers reach the API over TLS. */
  isSecure: boolean
}

const cookie = 'vesemir-sign-in'

/** Adds signing in with an identity provider, which is open to all: in a browser, and for programs on a person's behalf. */
export function registerPeople(app: FastifyInstance, { people, auth, isSecure }: PeoplePorts): void {
  const known = () => {
    if (people) return people
    throw new VesemirError('PROVIDER_UNKNOWN', 'no identity provider is set')
  }
  registerRoute(app, 'listProviders', {
    access: 'open',
    handle: async () => ({ providers: [...(people?.providers ?? [])] }),
  })
  registerRoute(app, 'startDeviceSignIn', {
    access: 'open',
    async handle({ params }) {
      const { expiresMs, expiresInSeconds: _, ...shown } = await known().startDevice(params.provider)
      return { ...shown, expiresAt: new Date(expiresMs).toISOString() }
    },
  })
  registerRoute(app, 'finishDeviceSignIn', {
    access: 'open',
    async handle({ params, body }) {
      const session = await known().finishDevice(params.provider, body.device)
      if (!session) return { isPending: true }
      return { isPending: false, token: session.token, session: auth.describe(session) }
    },
  })
  registerBrowserFlow(app, { known, auth, isSecure })
}

function registerBrowserFlow(
  app: FastifyInstance,
  { known, auth, isSecure }: { known: () => People; auth: Auth; isSecure: boolean },
): void {
  // The provider's page sends the browser back from another site: a strict cookie would stay behind.
  const attributes = { path: '/sign-in', httpOnly: true, sameSite: 'lax', secure: isSecure } as const
  app.get<{ Params: { provider: string } }>('/sign-in/:provider', { schema: { hide: true } }, async (request, reply) =>
    explained(reply, async () => {
      const { url, kept } = await known().startBrowser(request.params.provider, nextOf(request.query))
      return reply.setCookie(cookie, kept, attributes).redirect(url, 303)
    }),
  )
  app.get<{ Params: { provider: string } }>(
    '/sign-in/:provider/callback',
    { schema: { hide: true } },
    async (request, reply) =>
      explained(reply, async () => {
        const [, query = ''] = request.url.split('?')
        const came = { query, kept: request.cookies[cookie] ?? '' }
        reply.clearCookie(cookie, attributes)
        const { session, next } = await known().finishBrowser(request.params.provider, came)
        auth.startBrowser(reply, session)
        return sendOn(reply, next)
      }),
  )
}

/** A person sees the answer, not a program. */
async function explained(reply: FastifyReply, act: () => Promise<FastifyReply>): Promise<FastifyReply> {
  try {
    return await act()
  } catch (error) {
    if (!isVesemirError(error)) throw error
    return sendMessage(reply, error)
  }
}
