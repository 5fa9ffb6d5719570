import { VesemirError } from './errors.ts'

/** Makes the error for an application that is not registered, or that its asker may not see, which must not tell the two apart. */
export function unknownApplication(application: string, environment?: string): VesemirError {
  const message =
    environment === undefined
      ? `application ${application} is not registered`
      : `application ${application} not found in ${environment}`
  return new VesemirError('APPLICATION_UNKNOWN', message, { details: { application } })
}
