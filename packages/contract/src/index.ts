export { ApiError } from './api-error.ts'
export { ApplicationDefinition, HostSelection, Settings, SomeSettings } from './application.ts'
export { ArtifactChangeset, Changeset, CommandChangeset, GitChangeset } from './changeset.ts'
export { createClient, type Client, type ClientOptions } from './client.ts'
export {
  Deployment,
  DeploymentId,
  DeploymentRequest,
  DeploymentSpec,
  DeploymentState,
  DeploymentView,
  HostCounts,
  HostRecord,
  HostState,
  StepName,
  StepRecord,
  Traffic,
  stepNames,
  type DeploymentStatus,
  type HostStatus,
} from './deployment.ts'
export { DeploymentEvent, DeploymentFact, HostFact, LogFact, LogLine, StreamMessage } from './events.ts'
export type { ConnectionChange, FollowOptions, TrimmedNotice } from './follow-events.ts'
export { CommandHealthCheck, HealthCheck, HealthCheckTls, HttpHealthCheck, TcpHealthCheck } from './health-check.ts'
export { BoxSelection, HaproxySettings, LoadBalancer } from './load-balancer.ts'
export { Archive, HostTarget, Plan, PlannedHost, PlannedRelease, ServerRef, ServerState } from './plan.ts'
export { Duration, Name, Version, durationMs } from './primitives.ts'
export { Failure, Problem } from './problem.ts'
export {
  ApplicationList,
  DeploymentAccepted,
  DeploymentFilter,
  DeploymentPage,
  EventPage,
  EventQuery,
  routes,
} from './routes.ts'
export { CommandService, RunitService, Service, SystemdService } from './service.ts'
