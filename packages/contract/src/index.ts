export { ApiError } from './api-error.ts'
export { ApiToken, ApiTokenList, ApiTokenRequest, CreatedApiToken } from './api-token.ts'
export { ApplicationDefinition, GivenDefinition, HostSelection, Settings, SomeSettings } from './application.ts'
export { ArtifactChangeset, Changeset, CommandChangeset, GitChangeset } from './changeset.ts'
export { Command, GivenCommand } from './command.ts'
export { suggest } from './suggest.ts'
export { complaintsOf, fieldName, describeIssue, type Complaint } from './complaints.ts'
export { Convergence, ConvergeRequest } from './converge.ts'
export { createClient, type Client, type ClientOptions, type Fetch } from './client.ts'
export {
  CompleteSettings,
  Deployment,
  DeploymentRef,
  DeploymentRequest,
  GivenRequest,
  DeploymentSpec,
  DeploymentState,
  PlanDeploymentRequest,
  type EndedState,
  DeploymentView,
  Gate,
  HostCounts,
  HostRecord,
  HostState,
  Intent,
  PastAttempt,
  StepName,
  StepRecord,
  Traffic,
  type DeploymentStatus,
  type HostStatus,
} from './deployment.ts'
export {
  DeploymentEvent,
  DeploymentFact,
  Fact,
  HostFact,
  LogFact,
  LogLine,
  StreamMessage,
  TaskLogFact,
} from './events.ts'
export { durationMs, isDuration } from './duration.ts'
export { FailureCause, FailureList } from './failure-cause.ts'
export {
  openSocket,
  type ConnectionChange,
  type FollowOptions,
  type OpenMessages,
  type RestoredNotice,
  type TrimmedNotice,
} from './follow-events.ts'
export { ChangesSettings, Commit, CommitChanges, PlanChanges, RunningVersion, SettingChange } from './changes.ts'
export { CommandHealthCheck, HealthCheck, HealthCheckTls, HttpHealthCheck, TcpHealthCheck } from './health-check.ts'
export {
  ApplicationHost,
  ApplicationHostList,
  BegunRelease,
  RunningRelease,
  BalancerDoctorRequest,
  BalancerFinding,
  BalancerReport,
  RecoveryReport,
  RecoveryRequest,
  DoctorCheck,
  DoctorReport,
} from './inspection.ts'
export { BoxSelection, HaproxySettings, LoadBalancer, Proof, type Margins } from './load-balancer.ts'
export { Notice } from './notice.ts'
export { BackendPeers, PeersSample, PeersSum, ServersFigures } from './peers.ts'
export {
  Archive,
  HostTarget,
  HostsBehind,
  type FailedHost,
  type HostReason,
  Plan,
  KeptPlan,
  PlanPreview,
  SecretDigests,
  PlannedHost,
  PlannedRelease,
  PlannedWave,
  BackendCapacity,
  BackendLeft,
  ServerRef,
  Endpoint,
  ServerState,
} from './plan.ts'
export {
  CommandLine,
  DeploymentId,
  Duration,
  HaproxyName,
  HostName,
  HostPath,
  Name,
  PlanId,
  RequestId,
  RelativePath,
  Traceparent,
  Version,
} from './primitives.ts'
export { Principal } from './principal.ts'
export { Failure, Problem } from './problem.ts'
export {
  ApplicationList,
  FreezeList,
  CommandAccepted,
  DeploymentAccepted,
  ArchiveFilter,
  DeploymentFilter,
  DeploymentPage,
  EventPage,
  EventQuery,
  LockList,
  routes,
} from './routes.ts'
export { GateSettings, HostOrder, Hooks, Notification, Pace, RecipientName, RolloutSettings } from './rollout.ts'
export { AccessDecision, AccessQuery, Action, Grant, HeldGrant, HeldGrantList, NamePattern, Role } from './grant.ts'
export { ExportHead, ExportLine, exportFormat } from './export-line.ts'
export {
  DayStatistics,
  Percentiles,
  StatisticsQuery,
  StatisticsReport,
  StatisticsSummary,
  type Histogram,
} from './statistics.ts'
export { ApplicationLock, Need, Overview, OverviewPlace } from './overview.ts'
export {
  AuditEntry,
  AuditFact,
  AuditPage,
  AuditQuery,
  AuditRemoval,
  AuditSubject,
  AuditVerification,
  auditRemovalAction,
} from './audit.ts'
export { Acceptance, ClusterProtection, Freeze, Protection, RequiredApproval } from './protection.ts'
export { maskUrls } from './plain-secret.ts'
export { Environment, Headers, SecretName, SecretReference, Variables } from './secret.ts'
export { ConvergeRound, ScheduleView } from './schedule.ts'
export { Session, SessionRequest } from './session.ts'
export { DeviceSignIn, DeviceToken, ProviderList, SignedOut } from './sign-in.ts'
export { ExchangedToken, TokenExchange } from './token-exchange.ts'
export { complaintsOfRequests } from './given-tasks.ts'
export { HttpTask, PlannedTask, Task, TaskMoment, TaskRecord, Tasks } from './task.ts'
export { stepNames } from './step-names.ts'
export {
  QueueHold,
  WorkerDrain,
  WorkerDrainRequest,
  WorkerJob,
  RedisMemory,
  WorkerList,
  WorkerLoad,
  WorkerReport,
  WorkerState,
  WorkerView,
} from './worker.ts'
export { CommandService, RunitService, Service, SystemdService } from './service.ts'
