export { applyDeploymentFact, applyEvent, applyHostFact, newDeployment, pendingHost } from './apply-event.ts'
export { VesemirError, errorTable, isVesemirError, toFailure, type ErrorCode } from './errors.ts'
export { countHosts, noHosts } from './host-counts.ts'
export type {
  ChangesetStrategy,
  Changesets,
  Clock,
  DeploymentClaim,
  HostClaim,
  HostEnd,
  HostJobs,
  HttpAnswer,
  HttpRequest,
  IntroduceContext,
  Inventory,
  LoadBalancer,
  LoadBalancerSession,
  Locks,
  ProbeOptions,
  ProbeTarget,
  RemoteSession,
  RemoteShell,
  RevertContext,
  RunOptions,
  ServerWeight,
  TrafficJournal,
} from './ports.ts'
export { runHost } from './run-host.ts'
export { runRollout, type RolloutPorts } from './run-rollout.ts'
export { describeRestart, serviceScripts, type ServiceScripts } from './services/service-scripts.ts'
export type { HostPorts } from './walk.ts'
