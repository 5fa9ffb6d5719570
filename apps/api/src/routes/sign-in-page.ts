import { hash } from 'node:crypto'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { errorTable, isVesemirError, type VesemirError } from '@vesemir/core'
import type { Auth } from '../auth.ts'
import { escapeMarkup } from '../escape-markup.ts'
import type { People } from '../people/people.ts'

const style = `
  :root { color-scheme: light dark; font-family: system-ui, sans-serif; }
  body { display: grid; min-height: 100vh; margin: 0; place-items: center; }
  form, main { display: grid; gap: 0.75rem; width: min(22rem, 90vw); }
  input, button, .button { font: inherit; padding: 0.5rem; }
  .button { border: 1px solid; text-align: center; }
`

const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${hash('sha256', style, 'base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

type Providers = People['providers']

interface SignInOptions {
  auth: Auth
  people: Pick<People, 'providers'> | undefined
}

/** Adds a sign-in page that needs no script, for the API's own pages: /docs and /queues. */
export async function registerSignInPage(app: FastifyInstance, { auth, people }: SignInOptions): Promise<void> {
  const send = (reply: FastifyReply, form: Omit<Form, 'providers'>) =>
    sendForm(reply, { ...form, providers: people?.providers ?? [] })
  await app.register(async (scope) => {
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
      done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    )
    scope.get('/sign-in', { schema: { hide: true } }, async (request, reply) =>
      send(reply, { next: nextOf(request.query) }),
    )
    scope.post('/sign-in', { schema: { hide: true } }, async (request, reply) => {
      const { token = '' } = (request.body ?? {}) as { token?: string }
      const next = nextOf(request.body)
      try {
        await auth.signIn(request, reply, token)
        return await reply.redirect(next, 303)
      } catch (error) {
        if (isVesemirError(error, 'UNAUTHENTICATED'))
          return send(reply.status(401), { next, problem: 'Unknown token.' })
        if (isVesemirError(error, 'SIGN_IN_LIMITED'))
          return send(reply.status(429), {
            next,
            problem: 'Too many wrong tokens from your address. Wait a minute, or use a valid token.',
          })
        throw error
      }
    })
  })
}

/**
 * Makes the hook of the API's own pages: who opens one in a browser without having signed in is sent to do so, and back. All
 * others are answered as by every other route, whatever error handler the page's routes have.
 */
export function createPageGuard(auth: Auth, { errorHandler }: Pick<FastifyInstance, 'errorHandler'>) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    try {
      await auth.authenticate(request, reply)
      return undefined
    } catch (error) {
      const isForPeople = request.method === 'GET' && (request.headers.accept?.includes('text/html') ?? false)
      if (!isForPeople || !isVesemirError(error, 'UNAUTHENTICATED')) {
        errorHandler(error as FastifyError, request, reply)
        return reply
      }
      return reply.redirect(`/sign-in?next=${encodeURIComponent(request.url)}`, 303)
    }
  }
}

/** Where to go afterwards: an address here, never another site's. */
export function nextOf(input: unknown): string {
  const { next } = (input ?? {}) as { next?: unknown }
  return typeof next === 'string' && /^\/(?![/\\])[\u0021-\u007e]*$/.test(next) ? next : '/'
}

interface Form {
  next: string
  providers: Providers
  problem?: string
}

function sendForm(reply: FastifyReply, { next, providers, problem }: Form): FastifyReply {
  return sendPage(
    reply,
    `<form method="post" action="/sign-in">
  <h1>Vesemir</h1>
  ${problem === undefined ? '' : `<p role="alert">${escapeMarkup(problem)}</p>`}
  ${providers.map((provider) => providerLink(provider, next)).join('\n  ')}
  <label for="token">Token</label>
  <input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
  <input type="hidden" name="next" value="${escapeMarkup(next)}">
  <button>Sign in</button>
</form>`,
  )
}

function providerLink({ name, label }: Providers[number], next: string): string {
  const address = `/sign-in/${encodeURIComponent(name)}?next=${encodeURIComponent(next)}`
  return `<a class="button" href="${address}">Sign in with ${escapeMarkup(label)}</a>`
}

/** Tells a person why they are not signed in, and what to do. */
export function sendMessage(reply: FastifyReply, { code, message }: VesemirError): FastifyReply {
  const { status, hint } = errorTable[code]
  return sendPage(
    reply.status(status),
    `<main>
  <h1>Not signed in</h1>
  <p role="alert">${escapeMarkup(message)}</p>
  <p>${escapeMarkup(hint)}</p>
  <p><a href="/sign-in">Sign in</a> <small>${code}</small></p>
</main>`,
  )
}

/** Sends a browser on by a page of the API's own: a redirect from another site would leave a strict cookie behind. */
export function sendOn(reply: FastifyReply, next: string): FastifyReply {
  const address = escapeMarkup(next)
  return sendPage(
    reply,
    `<meta http-equiv="refresh" content="0; url=${address}">
<main><p>Signed in. <a href="${address}">Continue</a></p></main>`,
  )
}

function sendPage(reply: FastifyReply, body: string): FastifyReply {
  return reply
    .headers({ 'content-security-policy': contentSecurityPolicy, 'cache-control': 'no-store' })
    .type('text/html; charset=utf-8').send(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Vesemir: sign in</title>
<style>${style}</style>
${body}
</html>
`)
}
