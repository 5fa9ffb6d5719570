import { suggest, type Grant } from '@vesemir/contract'
import { isVesemirError, VesemirError, visibleApplication, type Applications } from '@vesemir/core'
import type { FastifyInstance } from 'fastify'

interface Ports {
  applications: Pick<Applications, 'list'>
}

/** Adds to the error for an unknown application the one that was probably meant, of those that the caller sees. */
export function suggestApplications(app: FastifyInstance, ports: Ports): void {
  app.setErrorHandler(async (error, { caller }) => {
    // The one error handler of the API takes it from here.
    throw await withSuggestion(error, { ...ports, grants: caller?.grants ?? [] })
  })
}

async function withSuggestion(
  error: unknown,
  { applications, grants }: Ports & { grants: readonly Grant[] },
): Promise<unknown> {
  if (!isVesemirError(error, 'APPLICATION_UNKNOWN')) return error
  // A worker's answer has no details.
  const { application } = error.details as { application?: string }
  if (application === undefined) return error
  const seen = (await applications.list()).filter((definition) => visibleApplication(definition, grants))
  const names = seen.map(({ name }) => name).filter((name) => name !== application)
  const suggestion = suggest(application, names)
  if (suggestion === '') return error
  return new VesemirError(error.code, error.message + suggestion, { details: error.details })
}
