import { isVesemirError, VesemirError } from '@vesemir/core'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { noteForAudit, recordFailure } from '../audit.ts'
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
    async handle({ params, body, request }) {
      const act = async () => known().finishDevice(params.provider, body.device)
      const session = await recordFailure(request, { action: 'finishDeviceSignIn', act })
      if (!session) return { isPending: true }
      const described = auth.describe(session)
      noteForAudit(request, { who: described.name })
      await app.audit(request, { action: 'finishDeviceSignIn', outcome: 'succeeded' })
      return { isPending: false, token: session.token, session: described }
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
        const act = async () => known().finishBrowser(request.params.provider, came)
        const { session, next } = await recordFailure(request, { action: 'finishBrowserSignIn', act })
        noteForAudit(request, { who: auth.describe(session).name })
        await app.audit(request, { action: 'finishBrowserSignIn', outcome: 'succeeded' })
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
