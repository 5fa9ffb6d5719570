import type { Action, Grant, ApplicationDefinition, DeploymentRequest, Session } from '@vesemir/contract'
import {
  changedSettings,
  decide,
  findGrant,
  subjectOf,
  unknownApplication,
  VesemirError,
  type Applications,
  type Deployments,
  type Subject,
} from '@vesemir/core'

/** Something that a request would do. */
export interface Asked {
  action: Action
  subject: Subject
  /** What the caller has to see, if it is not the subject. */
  seen?: Subject
  /** What the caller is told who may not see it: the same as if it did not exist. */
  unseen: () => VesemirError
  /** What a refusal adds. */
  because?: string
}

/**
 * Lets pass what the caller's grants allow, and returns the grant that does.
 * @throws {VesemirError} `FORBIDDEN`; the error of `unseen` when the caller may not even see the subject
 */
export function authorize(
  { name, grants }: Session,
  { action, subject, seen = subject, unseen, because }: Asked,
): Grant | undefined {
  const decision = decide(grants, action, subject)
  if (decision.isAllowed) return decision.grant
  if (!findGrant(grants, 'read', seen)) throw unseen()
  const reason = because === undefined ? decision.reason : `${decision.reason}. ${because}`
  throw new VesemirError('FORBIDDEN', `${name}, ${reason}`)
}

interface AskedInEnvironment {
  action: Action
  place: { application: string; environment: string }
}

/** Asks for an action in an environment of an application. */
export async function askInEnvironment(
  applications: Pick<Applications, 'read'>,
  asked: AskedInEnvironment,
): Promise<Asked> {
  return askOf(await applications.read(asked.place.application), asked)
}

function askOf(definition: ApplicationDefinition | undefined, { action, place }: AskedInEnvironment): Asked {
  const { application, environment } = place
  return {
    action,
    subject: subjectOf({ application, environment }, definition),
    unseen: () => unknownApplication(application, environment),
  }
}

/**
 * Asks for what a request deploys or plans. Settings of its own can make a worker run commands on any machine of the cluster, so
 * they take a grant over the whole cluster.
 */
export async function askForRequest(
  applications: Pick<Applications, 'read'>,
  { action, request }: { action: 'deploy' | 'plan'; request: DeploymentRequest },
): Promise<Asked[]> {
  const definition = await applications.read(request.application)
  const asked = askOf(definition, { action, place: request })
  const reaching = changedSettings(request, definition).filter((setting) => !isHarmless(setting))
  return [
    asked,
    ...(request.override ? [{ ...asked, action: 'override' as const }] : []),
    ...(reaching.length > 0 ? [askToCustomize(asked, request.cluster, reaching)] : []),
  ]
}

function askToCustomize(asked: Asked, cluster = asked.subject.cluster, settings: readonly string[]): Asked {
  const because = `The request changes ${settings.join(', ')}, which takes a grant over the whole cluster`
  return { ...asked, action: 'customize', subject: { cluster }, seen: asked.subject, because }
}

/** Settings that change when and how fast an application's own hosts are deployed to, or that pin what reaches them. */
const harmless = ['concurrency', 'rollout', 'acceptLowCapacity', 'changeset.sha256']

function isHarmless(setting: string): boolean {
  return harmless.some((name) => setting === name || setting.startsWith(`${name}.`))
}

/** Asks for an action on a deployment. Nothing is read for who may do it to every deployment. */
export async function askForDeployment(
  deployments: Pick<Deployments, 'read'>,
  { action, id, caller }: { action: Action; id: string; caller: Session },
): Promise<Asked[]> {
  const unseen = () => new VesemirError('DEPLOYMENT_UNKNOWN', `deployment ${id} not found`)
  if (findGrant(caller.grants, action, {})) return [{ action, subject: {}, unseen }]
  const deployment = await deployments.read(id)
  return [{ action, subject: deployment?.spec ?? {}, unseen }]
}
