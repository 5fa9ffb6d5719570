import { z } from 'zod'
import { ApiTokenId, ApiTokenList, ApiTokenRequest, CreatedApiToken } from './api-token.ts'
import { ApplicationDefinition } from './application.ts'
import { AuditPage, AuditQuery, AuditVerification } from './audit.ts'
import { Command } from './command.ts'
import { Deployment, DeploymentRequest, DeploymentView, PlanDeploymentRequest } from './deployment.ts'
import { endpoints } from './endpoints.ts'
import { DeploymentEvent } from './events.ts'
import { AccessDecision, AccessQuery } from './grant.ts'
import {
  ApplicationHostList,
  BalancerDoctorRequest,
  BalancerReport,
  DoctorQuery,
  DoctorReport,
  HostsQuery,
} from './inspection.ts'
import { KeptPlan } from './plan.ts'
import { DeploymentId, HostName, Name, PlanId, Timestamp } from './primitives.ts'
import { ExchangedToken, TokenExchange } from './token-exchange.ts'
import { Session, SessionRequest } from './session.ts'
import { DeviceSignIn, DeviceToken, DeviceTokenRequest, ProviderList, SignedOut } from './sign-in.ts'

const cursor = z.coerce.number().int().min(0)

export const DeploymentAccepted = z.object({
  id: DeploymentId,
  links: z.object({ self: z.string(), events: z.string() }),
})
export type DeploymentAccepted = z.infer<typeof DeploymentAccepted>

export const DeploymentFilter = z.strictObject({
  application: Name.optional(),
  environment: Name.optional(),
  team: Name.optional(),
  status: z
    .enum(['queued', 'planning', 'running', 'paused', 'gated', 'succeeded', 'failed', 'cancelled', 'rolled-back'])
    .optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  before: DeploymentId.optional().meta({
    description: 'Deployments older than this one: the next of the page before.',
  }),
})
export type DeploymentFilter = z.infer<typeof DeploymentFilter>

export const DeploymentPage = z.object({
  deployments: z.array(Deployment),
  next: DeploymentId.optional().meta({ description: 'Give it as `before` for the next page; absent on the last.' }),
})
export type DeploymentPage = z.infer<typeof DeploymentPage>

export const EventQuery = z.strictObject({
  after: cursor.default(0).meta({ description: 'The number of the last event that you have; 0 from the beginning.' }),
  limit: z.coerce.number().int().min(1).max(5000).default(1000),
  host: HostName.optional().meta({ description: "Of the log, this host's lines alone." }),
  level: z.enum(['stdout', 'stderr']).optional().meta({ description: 'Of the log, these lines alone.' }),
})

export const EventPage = z.object({
  events: z.array(DeploymentEvent),
  next: z.int().meta({ description: 'Give it as `after` for the events that follow.' }),
  trimmed: z.array(z.object({ from: z.int(), to: z.int() })).meta({ description: 'Log lines that are gone.' }),
  ended: z.boolean().meta({ description: 'The deployment has ended and this page holds its last event.' }),
})
export type EventPage = z.infer<typeof EventPage>

export const CommandAccepted = z.object({
  id: DeploymentId,
  changed: z.boolean().meta({ description: 'False when the deployment was told so before, or is so already.' }),
})
export type CommandAccepted = z.infer<typeof CommandAccepted>

/** A hold on all deployments of an application in an environment. */
export const ApplicationLock = z.object({
  application: Name,
  environment: Name,
  reason: z.string(),
  by: z.string(),
  at: Timestamp,
})
export type ApplicationLock = z.infer<typeof ApplicationLock>

export const LockRequest = z.strictObject({ reason: z.string().min(1).max(500) })
export const LockList = z.object({ locks: z.array(ApplicationLock) })

export const ApplicationList = z.object({ applications: z.array(ApplicationDefinition) })
export type ApplicationList = z.infer<typeof ApplicationList>

const idempotent = z.object({ 'idempotency-key': z.string().min(1).max(200).optional() })

/** Every route of the API: the server validates by it, OpenAPI is made from it, and the client is typed by it. */
export const routes = {
  createDeployment: {
    ...endpoints.createDeployment,
    summary: 'Deploy a version of an application',
    headers: idempotent,
    body: DeploymentRequest,
    status: 202,
    response: DeploymentAccepted,
  },
  listDeployments: {
    ...endpoints.listDeployments,
    summary: 'Deployments, newest first',
    query: DeploymentFilter,
    status: 200,
    response: DeploymentPage,
  },
  getDeployment: {
    ...endpoints.getDeployment,
    summary: 'A deployment and its hosts',
    params: z.object({ id: DeploymentId }),
    status: 200,
    response: DeploymentView,
  },
  listEvents: {
    ...endpoints.listEvents,
    summary: "A deployment's events, in pages; a WebSocket at the same address sends them as they happen",
    params: z.object({ id: DeploymentId }),
    query: EventQuery,
    status: 200,
    response: EventPage,
  },
  commandDeployment: {
    ...endpoints.commandDeployment,
    summary: 'Tell a deployment to pause, resume, cancel, retry, roll back, or answer its gate',
    params: z.object({ id: DeploymentId }),
    body: Command,
    status: 202,
    response: CommandAccepted,
  },
  createPlan: {
    ...endpoints.createPlan,
    summary: 'See what a deployment would do; changes nothing, and can be deployed by its id',
    body: DeploymentRequest,
    status: 200,
    response: KeptPlan,
  },
  deployPlan: {
    ...endpoints.deployPlan,
    summary:
      'Deploy exactly what a plan says; refused where hosts, servers, the release or the settings have changed since',
    params: z.object({ plan: PlanId }),
    headers: idempotent,
    body: PlanDeploymentRequest,
    status: 202,
    response: DeploymentAccepted,
  },
  listLocks: {
    ...endpoints.listLocks,
    summary: 'Where deployments are held off',
    status: 200,
    response: LockList,
  },
  putLock: {
    ...endpoints.putLock,
    summary: 'Hold off deployments of an application in an environment',
    params: z.object({ application: Name, environment: Name }),
    body: LockRequest,
    status: 200,
    response: ApplicationLock,
  },
  deleteLock: {
    ...endpoints.deleteLock,
    summary: 'Let deployments go on',
    params: z.object({ application: Name, environment: Name }),
    status: 200,
    response: LockList,
  },
  putApplication: {
    ...endpoints.putApplication,
    summary: 'Register an application, or change it',
    params: z.object({ name: Name }),
    body: ApplicationDefinition,
    status: 200,
    response: ApplicationDefinition,
  },
  getApplication: {
    ...endpoints.getApplication,
    summary: 'An application as it is registered',
    params: z.object({ name: Name }),
    status: 200,
    response: ApplicationDefinition,
  },
  listApplications: {
    ...endpoints.listApplications,
    summary: 'The registered applications',
    status: 200,
    response: ApplicationList,
  },
  createSession: {
    ...endpoints.createSession,
    summary: 'Sign a browser in: the answer sets its cookie',
    body: SessionRequest,
    status: 200,
    response: Session,
  },
  getSession: {
    ...endpoints.getSession,
    summary: 'Who asks, and what they may do',
    status: 200,
    response: Session,
  },
  deleteSession: {
    ...endpoints.deleteSession,
    summary: 'Sign out: the session that asks ends at once',
    status: 200,
    response: SignedOut,
  },
  decideAccess: {
    ...endpoints.decideAccess,
    summary: 'Whether the caller may do something, and by which grant',
    query: AccessQuery,
    status: 200,
    response: AccessDecision,
  },
  listProviders: {
    ...endpoints.listProviders,
    summary: 'The identity providers that people can sign in with',
    status: 200,
    response: ProviderList,
  },
  startDeviceSignIn: {
    ...endpoints.startDeviceSignIn,
    summary: 'Sign a program in on behalf of a person, who answers in a browser (RFC 8628)',
    params: z.object({ provider: Name }),
    status: 201,
    response: DeviceSignIn,
  },
  finishDeviceSignIn: {
    ...endpoints.finishDeviceSignIn,
    summary: 'Whether the person has answered, and then the token',
    params: z.object({ provider: Name }),
    body: DeviceTokenRequest,
    status: 200,
    response: DeviceToken,
  },
  createToken: {
    ...endpoints.createToken,
    summary: 'Create a token for a program, with some of your grants; the answer alone shows it',
    body: ApiTokenRequest,
    status: 201,
    response: CreatedApiToken,
  },
  exchangeToken: {
    ...endpoints.exchangeToken,
    summary: 'Exchange the ID token of a CI job for a short-lived token (RFC 8693)',
    body: TokenExchange,
    status: 200,
    response: ExchangedToken,
  },
  listTokens: {
    ...endpoints.listTokens,
    summary: 'Your tokens; for an admin of everything, those of all',
    status: 200,
    response: ApiTokenList,
  },
  revokeToken: {
    ...endpoints.revokeToken,
    summary: 'End a token at once',
    params: z.object({ token: ApiTokenId }),
    status: 204,
    response: z.undefined(),
  },
  listHosts: {
    ...endpoints.listHosts,
    summary: 'The hosts of an application: whether the inventory has them, what runs on each, and what should',
    params: z.object({ name: Name }),
    query: HostsQuery,
    status: 200,
    response: ApplicationHostList,
  },
  forgetHost: {
    ...endpoints.forgetHost,
    summary: 'Forget what ran on a host that has left the inventory',
    params: z.object({ name: Name, environment: Name, host: HostName }),
    status: 204,
    response: z.undefined(),
  },
  listAudit: {
    ...endpoints.listAudit,
    summary: 'Who did what, newest first, as far as the caller may know',
    query: AuditQuery,
    status: 200,
    response: AuditPage,
  },
  verifyAudit: {
    ...endpoints.verifyAudit,
    summary: 'Whether the audit log is whole and unchanged',
    status: 200,
    response: AuditVerification,
  },
  doctor: {
    ...endpoints.doctor,
    summary: 'Try all that deployments need, from a worker: Redis, the inventory, SSH, the load balancers',
    query: DoctorQuery,
    status: 200,
    response: DoctorReport,
  },
  doctorBalancers: {
    ...endpoints.doctorBalancers,
    summary: 'Find servers that Vesemir left out of rotation, and put them back',
    body: BalancerDoctorRequest,
    status: 200,
    response: BalancerReport,
  },
} as const
