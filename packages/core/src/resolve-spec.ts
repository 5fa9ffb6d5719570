import {
  CompleteSettings,
  complaintsOf,
  DeploymentSpec,
  fieldName,
  type ApplicationDefinition,
  type DeploymentRequest,
  type SomeSettings,
} from '@vesemir/contract'
import { VesemirError } from './errors.ts'
import { unknownApplication } from './unknown-application.ts'

/** What a request is completed from. */
export interface SpecSources {
  /** The application as it is registered, if it is. */
  application: ApplicationDefinition | undefined
  /** The clusters that there are workers for. */
  clusters: readonly string[]
}

/**
 * Completes a request from its application's definition. Of each part of the settings, the request's is taken before the
 * environment's, and that before the application's own; a part is never mixed from two, but for variables, which are added by name. The request has passed its schema;
 * what a definition comes to is checked once, so that the same definition should be the same object.
 * @throws {VesemirError} `APPLICATION_UNKNOWN`, `ENVIRONMENT_UNKNOWN`, `SETTINGS_MISSING`, `CLUSTER_UNKNOWN`; the last
 * three with `details.errors`, one entry for each field
 */
export function resolveSpec(request: DeploymentRequest, { application, clusters }: SpecSources): DeploymentSpec {
  if (!application) throw unknownApplication(request.application)
  const { wait: _wait, ...asked } = request
  const wanted = { ...asked, ...(request.hosts ? { partial: true as const } : {}) }
  const { settings, complete } = settingsIn(application, request)
  const hasOwn = Object.keys(wanted).some((part) => part in CompleteSettings.shape)
  const { goesBack, ...spec } = complete && !hasOwn ? { ...wanted, ...complete } : completeWith(settings, wanted)
  // It says which tasks run. Without tasks it is left out: workers of an earlier version do not know it.
  const isTold = goesBack && spec.tasks?.length
  if (clusters.includes(spec.cluster)) return { ...spec, ...(isTold ? { goesBack } : {}) }
  const message = `${JSON.stringify(spec.cluster)} is not one of the clusters: ${clusters.join(', ')}`
  throw new VesemirError('CLUSTER_UNKNOWN', `cluster ${message}`, {
    details: { errors: [{ field: 'cluster', message }] },
  })
}

interface KnownSettings {
  settings: SomeSettings
  /** There when a request has nothing to add. */
  complete: CompleteSettings | undefined
}

const known = new WeakMap<ApplicationDefinition, Map<string, KnownSettings>>()

/** What a definition says of an environment. */
function settingsIn(application: ApplicationDefinition, request: DeploymentRequest): KnownSettings {
  // Without environments, any is as good as another, and there is no end of their names.
  const place = application.environments ? request.environment : ''
  const ofApplication = known.get(application) ?? new Map<string, KnownSettings>()
  const last = ofApplication.get(place)
  if (last) return last
  const { name: _name, description: _description, environments, ...general } = application
  const settings = addSettings(general, partOf(environments, request))
  const found = { settings, complete: CompleteSettings.safeParse(settings).data }
  known.set(application, ofApplication.set(place, found))
  return found
}

/** Takes the parts of others before some settings; of variables, those of the same name. */
export function addSettings<Others extends SomeSettings>(some: SomeSettings, others: Others): SomeSettings & Others {
  const variables = { ...some.variables, ...others.variables }
  return { ...some, ...others, ...(some.variables || others.variables ? { variables } : {}) }
}

function partOf(
  environments: ApplicationDefinition['environments'],
  { application, environment }: DeploymentRequest,
): SomeSettings {
  if (!environments) return {}
  // A name such as "constructor" is found on every object.
  if (Object.hasOwn(environments, environment)) {
    const { converge: _converge, ...settings } = environments[environment]!
    return settings
  }
  const known = Object.keys(environments).join(', ')
  const message = `${JSON.stringify(environment)} is not one of the environments of ${application}: ${known}`
  throw new VesemirError('ENVIRONMENT_UNKNOWN', `environment ${message}`, {
    details: { errors: [{ field: 'environment', message }] },
  })
}

function completeWith(
  settings: SomeSettings,
  wanted: Omit<DeploymentRequest, 'wait'> & { partial?: true },
): DeploymentSpec {
  const merged = addSettings(settings, wanted)
  const spec = DeploymentSpec.safeParse(merged)
  if (spec.success) return spec.data
  const errors = complaintsOf(spec.error, merged).map(({ path, message }) => ({ field: fieldName(path), message }))
  const missing = errors.map(({ field }) => field).join(', ')
  const message = `${merged.application} has no ${missing} for ${merged.environment}, and the request sets none`
  throw new VesemirError('SETTINGS_MISSING', message, { details: { errors } })
}
