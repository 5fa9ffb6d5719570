import { z } from 'zod'
import { ApiTokenId, ApiTokenList, ApiTokenRequest, CreatedApiToken } from './api-token.ts'
import { ApplicationDefinition, GivenDefinition } from './application.ts'
import { AuditPage, AuditQuery, AuditVerification } from './audit.ts'
import { Command } from './command.ts'
import { Convergence, ConvergeRequest } from './converge.ts'
import { Deployment, DeploymentView, GivenRequest, PlanDeploymentRequest } from './deployment.ts'
import { endpoints } from './endpoints.ts'
import { DeploymentEvent } from './events.ts'
import { FailureList } from './failure-cause.ts'
import { AccessDecision, AccessQuery, HeldGrantList } from './grant.ts'
import {
  ApplicationHostList,
  BalancerDoctorRequest,
  BalancerReport,
  RecoveryReport,
  RecoveryRequest,
  DoctorQuery,
  DoctorReport,
  HostsQuery,
} from './inspection.ts'
import { ApplicationLock, Overview } from './overview.ts'
import { KeptPlan } from './plan.ts'
import { DeploymentId, Epoch, HostName, Name, PlanId, Timestamp, Version } from './primitives.ts'
import { ExchangedToken, TokenExchange } from './token-exchange.ts'
import { ScheduleList } from './schedule.ts'
import { Session, SessionRequest } from './session.ts'
import { DeviceSignIn, DeviceToken, DeviceTokenRequest, ProviderList, SignedOut } from './sign-in.ts'
import { StatisticsQuery, StatisticsReport } from './statistics.ts'
import { WorkerDrainRequest, WorkerList, WorkerView } from './worker.ts'

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
  by: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'Only deployments that this person or token requested.' }),
  version: Version.optional(),
  host: HostName.optional().meta({ description: 'Only deployments to this host.' }),
  since: Timestamp.optional().meta({ description: 'Only deployments that were created then or later.' }),
  until: Timestamp.optional().meta({ description: 'Only deployments that were created then or earlier.' }),
  text: z
    .string()
    .max(200)
    .regex(/[\p{L}\p{N}]/u, { error: ({ input }) => `${JSON.stringify(input)} has no word` })
    .optional()
    .meta({
      description:
        'Only deployments with all of these words in reason, version, application, environment, team or who requested them.',
    }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  before: DeploymentId.optional().meta({
    description: 'Only deployments older than this one: `next` of the previous page.',
  }),
})
export type DeploymentFilter = z.infer<typeof DeploymentFilter>

/** The archive's names and first lines do not tell which hosts there were. */
export const ArchiveFilter = DeploymentFilter.omit({ host: true })
export type ArchiveFilter = z.infer<typeof ArchiveFilter>

export const DeploymentPage = z.object({
  deployments: z.array(Deployment),
  next: DeploymentId.optional().meta({ description: 'Pass as `before` for the next page; absent on the last.' }),
})
export type DeploymentPage = z.infer<typeof DeploymentPage>

export const EventQuery = z.strictObject({
  after: cursor.default(0).meta({ description: 'The number of the last event that the client has; 0 for all.' }),
  epoch: Epoch.optional().meta({ description: 'The epoch that the cursor is of, as the API named it.' }),
  limit: z.coerce.number().int().min(1).max(5000).default(1000),
  host: HostName.optional().meta({ description: "Only this host's lines of the log." }),
  level: z.enum(['stdout', 'stderr']).optional().meta({ description: 'Only these lines of the log.' }),
})

export const EventPage = z.object({
  events: z.array(DeploymentEvent),
  next: z.int().meta({ description: 'Pass as `after` for the events that follow.' }),
  trimmed: z.array(z.object({ from: z.int(), to: z.int() })).meta({ description: 'Log lines that were trimmed.' }),
  ended: z.boolean().meta({ description: 'The deployment has ended and this page holds its last event.' }),
  epoch: Epoch.optional().meta({ description: 'Pass with the cursor; it is another one after Redis has lost data.' }),
  restored: z.object({ after: z.int() }).optional().meta({
    description:
      'The cursor is of another epoch: Redis has lost events. Forget those with numbers above `after`; this page continues there.',
  }),
})
export type EventPage = z.infer<typeof EventPage>

export const CommandAccepted = z.object({
  id: DeploymentId,
  changed: z
    .boolean()
    .meta({ description: 'False when the deployment already was in that state, or had the same command.' }),
})
export type CommandAccepted = z.infer<typeof CommandAccepted>

export const LockRequest = z.strictObject({ reason: z.string().min(1).max(500) })
export const LockList = z.object({ locks: z.array(ApplicationLock) })

export const ApplicationList = z.object({ applications: z.array(ApplicationDefinition) })
export type ApplicationList = z.infer<typeof ApplicationList>

/** The freezes of an application's environments; `text` is what people are told. */
export const FreezeList = z.object({ freezes: z.array(z.object({ environment: Name, text: z.string() })) })
export type FreezeList = z.infer<typeof FreezeList>

const idempotent = z.object({ 'idempotency-key': z.string().min(1).max(200).optional() })

/** Every route of the API: the server validates by it, OpenAPI is made from it, and the client is typed by it. */
export const routes = {
  createDeployment: {
    ...endpoints.createDeployment,
    summary: 'Deploy a version of an application',
    headers: idempotent,
    body: GivenRequest,
    status: 202,
    response: DeploymentAccepted,
  },
  listDeployments: {
    ...endpoints.listDeployments,
    summary: 'List deployments, newest first',
    query: DeploymentFilter,
    status: 200,
    response: DeploymentPage,
  },
  listArchive: {
    ...endpoints.listArchive,
    summary: 'List archived deployments, newest first; each is read as a deployment that is not archived',
    query: ArchiveFilter,
    status: 200,
    response: DeploymentPage,
  },
  getDeployment: {
    ...endpoints.getDeployment,
    summary: 'Get a deployment with its hosts',
    params: z.object({ id: DeploymentId }),
    status: 200,
    response: DeploymentView,
  },
  listEvents: {
    ...endpoints.listEvents,
    summary: "List a deployment's events; a WebSocket at the same address sends them live",
    params: z.object({ id: DeploymentId }),
    query: EventQuery,
    status: 200,
    response: EventPage,
  },
  listFailures: {
    ...endpoints.listFailures,
    summary: "List a deployment's failed hosts by cause: step, code and reason, with one host's failure as a sample",
    params: z.object({ id: DeploymentId }),
    status: 200,
    response: FailureList,
  },
  commandDeployment: {
    ...endpoints.commandDeployment,
    summary: 'Command a deployment: pause, resume, cancel, retry, roll back, or answer its gate',
    params: z.object({ id: DeploymentId }),
    body: Command,
    status: 202,
    response: CommandAccepted,
  },
  createPlan: {
    ...endpoints.createPlan,
    summary: 'Plan a deployment without changing anything; the plan can be deployed by its id',
    body: GivenRequest,
    status: 200,
    response: KeptPlan,
  },
  deployPlan: {
    ...endpoints.deployPlan,
    summary: 'Deploy exactly a plan; refused when hosts, servers, the release or the settings have changed',
    params: z.object({ plan: PlanId }),
    headers: idempotent,
    body: PlanDeploymentRequest,
    status: 202,
    response: DeploymentAccepted,
  },
  listLocks: {
    ...endpoints.listLocks,
    summary: 'List the locks',
    status: 200,
    response: LockList,
  },
  putLock: {
    ...endpoints.putLock,
    summary: 'Lock an application in an environment',
    params: z.object({ application: Name, environment: Name }),
    body: LockRequest,
    status: 200,
    response: ApplicationLock,
  },
  deleteLock: {
    ...endpoints.deleteLock,
    summary: 'Unlock an application in an environment',
    params: z.object({ application: Name, environment: Name }),
    status: 200,
    response: LockList,
  },
  putApplication: {
    ...endpoints.putApplication,
    summary: 'Register or update an application',
    params: z.object({ name: Name }),
    body: GivenDefinition,
    status: 200,
    response: ApplicationDefinition,
  },
  getApplication: {
    ...endpoints.getApplication,
    summary: 'Get an application',
    params: z.object({ name: Name }),
    status: 200,
    response: ApplicationDefinition,
  },
  listFreezes: {
    ...endpoints.listFreezes,
    summary: "Where an application's environments are frozen, now or in the next seven days",
    params: z.object({ name: Name }),
    status: 200,
    response: FreezeList,
  },
  listSchedules: {
    ...endpoints.listSchedules,
    summary: 'On what schedule hosts that are behind get what should run, and what the last round came to',
    params: z.object({ name: Name }),
    status: 200,
    response: ScheduleList,
  },
  getBadge: {
    ...endpoints.getBadge,
    summary: 'An image that shows which version an environment runs, and the state of its latest deployment',
    params: z.object({ name: Name, environment: Name }),
    status: 200,
    mediaType: 'image/svg+xml',
    response: z.string(),
  },
  listApplications: {
    ...endpoints.listApplications,
    summary: 'List the applications',
    status: 200,
    response: ApplicationList,
  },
  createSession: {
    ...endpoints.createSession,
    summary: 'Sign in a browser: sets its cookie',
    body: SessionRequest,
    status: 200,
    response: Session,
  },
  getSession: {
    ...endpoints.getSession,
    summary: 'Get the caller: name, role and grants',
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
    summary: 'Check whether the caller may do an action, and by which grant',
    query: AccessQuery,
    status: 200,
    response: AccessDecision,
  },
  listGrants: {
    ...endpoints.listGrants,
    summary: "List the grants of the API's settings, without tokens",
    status: 200,
    response: HeldGrantList,
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
    summary: 'Create a token for a program, with some of your grants; only this answer shows it',
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
    summary: 'List your tokens; as an admin of everything, all tokens',
    status: 200,
    response: ApiTokenList,
  },
  revokeToken: {
    ...endpoints.revokeToken,
    summary: 'Revoke a token',
    params: z.object({ token: ApiTokenId }),
    status: 204,
    response: z.undefined(),
  },
  listHosts: {
    ...endpoints.listHosts,
    summary: 'List the hosts of an application: in the inventory or not, version, expected version',
    params: z.object({ name: Name }),
    query: HostsQuery,
    status: 200,
    response: ApplicationHostList,
  },
  forgetHost: {
    ...endpoints.forgetHost,
    summary: 'Delete the record of a host that is no longer in the inventory',
    params: z.object({ name: Name, environment: Name, host: HostName }),
    status: 204,
    response: z.undefined(),
  },
  converge: {
    ...endpoints.converge,
    summary: 'Bring the hosts that are behind up to the version that should run, in one deployment for all who ask',
    params: z.object({ name: Name }),
    body: ConvergeRequest,
    status: 200,
    response: Convergence,
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
  listWorkers: {
    ...endpoints.listWorkers,
    summary: 'List the workers, with their load and what is in progress, and the clusters without one',
    status: 200,
    response: WorkerList,
  },
  drainWorker: {
    ...endpoints.drainWorker,
    summary: 'Drain a worker: it takes no new jobs, and returns its jobs to the queue for other workers',
    params: z.object({ worker: Name }),
    body: WorkerDrainRequest,
    status: 200,
    response: WorkerView,
  },
  resumeWorker: {
    ...endpoints.resumeWorker,
    summary: 'Have a drained worker take jobs again',
    params: z.object({ worker: Name }),
    status: 200,
    response: WorkerView,
  },
  getOverview: {
    ...endpoints.getOverview,
    summary: 'What needs the caller, what is in progress, and what runs in each environment of each application',
    status: 200,
    response: Overview,
  },
  getStatistics: {
    ...endpoints.getStatistics,
    summary: 'How often deployments happen and fail, lead time, time to restore, and what steps take',
    query: StatisticsQuery,
    status: 200,
    response: StatisticsReport,
  },
  doctor: {
    ...endpoints.doctor,
    summary: 'Check what deployments need, from a worker: Redis, the inventory, SSH, the load balancers',
    query: DoctorQuery,
    status: 200,
    response: DoctorReport,
  },
  recover: {
    ...endpoints.recover,
    summary:
      'Find servers that a deployment took out and Redis has forgotten, by the marks on their hosts, and put them back',
    params: z.object({ name: Name }),
    body: RecoveryRequest,
    status: 200,
    response: RecoveryReport,
  },
  doctorBalancers: {
    ...endpoints.doctorBalancers,
    summary: 'Find servers that Vesemir left out of rotation, and put them back',
    body: BalancerDoctorRequest,
    status: 200,
    response: BalancerReport,
  },
} as const
